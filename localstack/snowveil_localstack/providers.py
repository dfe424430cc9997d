"""The entry points: one function per service, chosen by PROVIDER_OVERRIDE_<SERVICE>=snowveil.

Imports are inside the functions: LocalStack loads this module at its start and each service at its first use.
"""

# ruff: noqa: PLC0415

from localstack.services.plugins import Service, aws_provider


@aws_provider(api="application-autoscaling", name="snowveil")
def application_autoscaling() -> Service:
    """Application Auto Scaling from moto, with tags."""
    from snowveil_localstack.corrections.application_autoscaling import OPERATIONS
    from snowveil_localstack.moto_services import moto_service

    return moto_service("application-autoscaling", OPERATIONS)


@aws_provider(api="autoscaling", name="snowveil")
def autoscaling() -> Service:
    """Auto Scaling from moto."""
    from snowveil_localstack.corrections.autoscaling import OPERATIONS
    from snowveil_localstack.moto_services import moto_service

    return moto_service("autoscaling", OPERATIONS)


@aws_provider(api="cloudwatch", name="snowveil")
def cloudwatch() -> Service:
    """LocalStack's CloudWatch, with the tags of alarms."""
    from snowveil_localstack.corrections.cloudwatch import TaggingCloudwatchProvider

    return Service.for_provider(TaggingCloudwatchProvider())


@aws_provider(api="dynamodb", name="snowveil")
def dynamodb() -> Service:
    """DynamoDB from moto: LocalStack's own needs Java."""
    from snowveil_localstack.moto_services import moto_service

    return moto_service("dynamodb")


@aws_provider(api="ec2", name="snowveil")
def ec2() -> Service:
    """LocalStack's EC2, with clean launch templates."""
    from localstack.services.moto import MotoFallbackDispatcher
    from snowveil_localstack.corrections.ec2 import LaunchTemplateEc2Provider

    return Service.for_provider(LaunchTemplateEc2Provider(), dispatch_table_factory=MotoFallbackDispatcher)


@aws_provider(api="elbv2", name="snowveil")
def elbv2() -> Service:
    """Elastic Load Balancing from moto."""
    from snowveil_localstack.moto_services import moto_service

    return moto_service("elbv2")


@aws_provider(api="firehose", name="snowveil")
def firehose() -> Service:
    """Firehose as AWS does it."""
    from snowveil_localstack.firehose.provider import BufferingFirehoseProvider

    return Service.for_provider(BufferingFirehoseProvider())


@aws_provider(api="kinesis", name="snowveil")
def kinesis() -> Service:
    """Kinesis from moto, without its losses."""
    from snowveil_localstack.kinesis.operations import OPERATIONS, use_lossless_streams
    from snowveil_localstack.moto_services import moto_service

    use_lossless_streams()
    return moto_service("kinesis", OPERATIONS)


@aws_provider(api="lambda", name="snowveil")
def lambda_() -> Service:
    """LocalStack's Lambda, with the limit on requests."""
    from snowveil_localstack.lambda_process.provider import SizeLimitedLambdaProvider

    return Service.for_provider(SizeLimitedLambdaProvider())


@aws_provider(api="wafv2", name="snowveil")
def wafv2() -> Service:
    """WAF from moto."""
    from snowveil_localstack.moto_services import moto_service

    return moto_service("wafv2")
