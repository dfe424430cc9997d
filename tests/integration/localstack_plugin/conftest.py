import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from scripts.localstack import LocalStack

if TYPE_CHECKING:
    from mypy_boto3_firehose import FirehoseClient
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client

REGION = "eu-west-1"


class Aws:
    """Clients of the LocalStack under test, and the few resources the tests make many times."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self.firehose: FirehoseClient = self._client("firehose")
        self.kinesis: KinesisClient = self._client("kinesis")
        self.functions: LambdaClient = self._client("lambda")
        self.logs: CloudWatchLogsClient = self._client("logs")
        self.s3: S3Client = self._client("s3")
        self.role = self._client("iam").create_role(RoleName="test", AssumeRolePolicyDocument="{}")["Role"]["Arn"]

    def _client(self, service: Any) -> Any:
        return boto3.client(
            service,
            endpoint_url=self._endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, max_pool_connections=8, s3={"addressing_style": "path"}),
        )

    def new_kinesis_client(self) -> "KinesisClient":
        client: KinesisClient = self._client("kinesis")
        return client

    def create_function(self, code: str, *, timeout: int = 10, memory: int = 256, **environment: str) -> str:
        """Create a function whose handler is `handle` in this code; returns its ARN."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("function.py", code)
        name = f"function-{uuid.uuid4()}"
        arn = self.functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=self.role,
            Handler="function.handle",
            Code={"ZipFile": archive.getvalue()},
            Timeout=timeout,
            MemorySize=memory,
            Environment={"Variables": environment},
        )["FunctionArn"]
        self.functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        return arn

    def call(self, function: str, event: object) -> tuple[Any, bool]:
        """Invoke; returns the answer and whether it is a function error."""
        response = self.functions.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        return json.loads(response["Payload"].read()), "FunctionError" in response

    def log_of(self, function: str) -> str:
        """All of a function's log; empty while there is none."""
        group = f"/aws/lambda/{function.rsplit(':', 1)[1]}"
        try:
            events = self.logs.filter_log_events(logGroupName=group)["events"]
        except self.logs.exceptions.ResourceNotFoundException:
            return ""
        return "".join(event["message"] for event in events)

    def create_stream(self, shards: int = 1) -> tuple[str, str]:
        """Create a Kinesis stream; returns its name and ARN."""
        name = f"stream-{uuid.uuid4()}"
        self.kinesis.create_stream(StreamName=name, ShardCount=shards)
        return name, self.kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]

    def create_bucket(self) -> str:
        name = f"bucket-{uuid.uuid4()}"
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        return name

    def objects(self, bucket: str, prefix: str = "") -> dict[str, bytes]:
        """Every object under the prefix with its bytes."""
        keys = [entry["Key"] for entry in self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])]
        return {key: self.s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def eventually[T](read: Callable[[], T], accept: Callable[[T], object], seconds: float = 120) -> T:
    """Read again and again until the value is accepted; fails with the last value."""
    deadline = time.monotonic() + seconds
    while True:
        value = read()
        if accept(value):
            return value
        if time.monotonic() > deadline:
            pytest.fail(f"after {seconds:.0f} s still: {str(value)[:2000]}")
        time.sleep(0.2)


@pytest.fixture(scope="session")
def aws(localstack: LocalStack) -> Aws:
    return Aws(localstack.endpoint)


@pytest.fixture(scope="session", name="eventually")
def eventually_fixture() -> Callable[..., Any]:
    return eventually
