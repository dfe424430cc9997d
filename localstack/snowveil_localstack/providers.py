"""The entry points: one function per service, chosen by PROVIDER_OVERRIDE_<SERVICE>=snowveil.

Imports are inside the functions: LocalStack loads this module at its start and each service at its first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localstack.services.plugins import Service, aws_provider

if TYPE_CHECKING:
    from collections.abc import Callable


def _provider(api: str) -> Callable[[Callable[[], Service]], Any]:
    decorator: Callable[[Callable[[], Service]], Any] = aws_provider(api=api, name="snowveil")
    return decorator


@_provider("application-autoscaling")
def application_autoscaling() -> Service:
    """Application Auto Scaling from moto, with tags."""
    from snowveil_localstack.corrections.application_autoscaling import OPERATIONS
    from snowveil_localstack.moto_services import moto_service

    return moto_service("application-autoscaling", OPERATIONS)


@_provider("autoscaling")
def autoscaling() -> Service:
    """Auto Scaling from moto."""
    from snowveil_localstack.corrections.autoscaling import OPERATIONS
    from snowveil_localstack.moto_services import moto_service

    return moto_service("autoscaling", OPERATIONS)


@_provider("cloudwatch")
def cloudwatch() -> Service:
    """LocalStack's CloudWatch, with the tags of alarms."""
    from snowveil_localstack.corrections.cloudwatch import TaggingCloudwatchProvider

    provider: Any = TaggingCloudwatchProvider  # LocalStack leaves its constructor untyped
    return Service.for_provider(provider())


@_provider("dynamodb")
def dynamodb() -> Service:
    """DynamoDB from moto: LocalStack's own needs Java."""
    from snowveil_localstack.moto_services import moto_service

    return moto_service("dynamodb")


@_provider("ec2")
def ec2() -> Service:
    """LocalStack's EC2, with clean launch templates."""
    from localstack.services.moto import MotoFallbackDispatcher

    from snowveil_localstack.corrections.ec2 import CorrectedEc2Provider, keep_rule_descriptions

    keep_rule_descriptions()
    return Service.for_provider(CorrectedEc2Provider(), dispatch_table_factory=MotoFallbackDispatcher)


@_provider("elbv2")
def elbv2() -> Service:
    """Elastic Load Balancing from moto."""
    from snowveil_localstack.moto_services import moto_service

    return moto_service("elbv2")


@_provider("firehose")
def firehose() -> Service:
    """Firehose as AWS does it."""
    from snowveil_localstack.firehose.provider import BufferingFirehoseProvider

    return Service.for_provider(BufferingFirehoseProvider())


@_provider("kinesis")
def kinesis() -> Service:
    """Kinesis from moto, without its losses."""
    from snowveil_localstack.kinesis.operations import operations, use_lossless_streams
    from snowveil_localstack.moto_services import moto_service

    use_lossless_streams()
    return moto_service("kinesis", operations())


@_provider("lambda")
def lambda_() -> Service:
    """LocalStack's Lambda, with the limit on requests."""
    from snowveil_localstack.lambda_process.provider import SizeLimitedLambdaProvider

    return Service.for_provider(SizeLimitedLambdaProvider())


@_provider("wafv2")
def wafv2() -> Service:
    """WAF from moto."""
    from snowveil_localstack.moto_services import moto_service

    return moto_service("wafv2")
