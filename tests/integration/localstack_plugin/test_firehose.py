"""Firehose against what AWS does: results, failures, prefixes, reshards, outages, changes."""

from __future__ import annotations

import base64
import gzip
import json
import re
import threading
import uuid
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest

if TYPE_CHECKING:
    from scripts.localstack import LocalStack

pytestmark = pytest.mark.localstack

FUNCTION = """
import base64, json

def handle(event, context):
    records = []
    for record in event["records"]:
        data = base64.b64decode(record["data"])
        answer = {"recordId": record["recordId"], "result": "Ok"}
        match data.split(b":")[0]:
            case b"event":
                described = {**event, "records": [dict(record, data="")], "function": context.invoked_function_arn}
                data = json.dumps(described).encode() + b"\\n"
            case b"drop":
                answer["result"] = "Dropped"
            case b"fail":
                answer["result"] = "ProcessingFailed"
            case b"unknown":
                answer["result"] = "Perhaps"
            case b"missing":
                continue
            case b"duplicate":
                records.append(dict(answer, data=record["data"]))
            case b"raise":
                raise ValueError(data.decode())
            case b"large":
                data = data * 1_000_000
        answer["data"] = "not base64 %" if data == b"base64" else base64.b64encode(data.upper()).decode()
        records.append(answer)
    return {"records": records}
"""


class Delivery:
    """A Firehose from a stream of its own to a bucket of its own."""

    def __init__(self, aws: Any, function: str, stream: tuple[str, str] | None = None, **destination: Any) -> None:
        self._aws = aws
        made: tuple[str, str] = stream or aws.create_stream()
        self.stream, self.stream_arn = made
        self.bucket = aws.create_bucket()
        self.name = f"firehose-{uuid.uuid4()}"
        self.arn = aws.firehose.create_delivery_stream(
            DeliveryStreamName=self.name,
            DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration={"KinesisStreamARN": self.stream_arn, "RoleARN": aws.role},
            ExtendedS3DestinationConfiguration={
                "RoleARN": aws.role,
                "BucketARN": f"arn:aws:s3:::{self.bucket}",
                "Prefix": "output/!{timestamp:yyyy/MM/dd/HH/}",
                "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH/}",
                "CompressionFormat": "GZIP",
                "ProcessingConfiguration": processing(function),
                **destination,
            },
        )["DeliveryStreamARN"]

    def put(self, *values: str) -> None:
        entries = [{"Data": value.encode(), "PartitionKey": uuid.uuid4().hex} for value in values]
        assert self._aws.kinesis.put_records(StreamName=self.stream, Records=entries)["FailedRecordCount"] == 0

    def delivered(self, prefix: str = "output/") -> bytes:
        return b"".join(gzip.decompress(body) for body in self._aws.objects(self.bucket, prefix).values())

    def failed(self) -> dict[bytes, dict[str, Any]]:
        lines = [json.loads(line) for line in self.delivered("errors/").splitlines()]
        return {base64.b64decode(line["rawData"]): line for line in lines}


def processing(function: str, **parameters: str) -> dict[str, Any]:
    values = {"LambdaArn": function, **parameters}
    named = [{"ParameterName": name, "ParameterValue": value} for name, value in values.items()]
    return {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": named}]}


@pytest.fixture(scope="module")
def function(aws: Any) -> str:
    """The transformation's alias: the delivery must call it and nothing else."""
    arn = aws.create_function(FUNCTION)
    version = aws.functions.publish_version(FunctionName=arn)["Version"]
    alias: str = aws.functions.create_alias(FunctionName=arn, Name="live", FunctionVersion=version)["AliasArn"]
    return alias


def test_each_result_goes_where_aws_sends_it(aws: Any, function: str, localstack: LocalStack, eventually: Any) -> None:
    kms = boto3.client(
        "kms",
        endpoint_url=localstack.endpoint,
        region_name="eu-west-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    key = kms.create_key()["KeyMetadata"]["Arn"]
    stream = aws.create_stream()
    aws.kinesis.put_record(StreamName=stream[0], Data=b"before:creation", PartitionKey="p")
    encryption = {"KMSEncryptionConfig": {"AWSKMSKeyARN": key}}
    delivery = Delivery(aws, function, stream, EncryptionConfiguration=encryption)
    before = datetime.now(UTC)
    delivery.put("event:", "a;", "drop:", "b;", "fail:", "unknown:", "missing:", "duplicate:", "base64", "c;")

    failed = eventually(delivery.failed, len)
    codes = {raw.decode(): line["errorCode"] for raw, line in failed.items()}
    assert codes == {
        "fail:": "Lambda.ProcessingFailedStatus",
        "unknown:": "Lambda.FunctionError",
        "missing:": "Lambda.MissingRecordId",
        "duplicate:": "Lambda.DuplicatedRecordId",
        "base64": "Lambda.FunctionError",
    }
    for line in failed.values():
        assert list(line) == [
            *("attemptsMade", "arrivalTimestamp", "errorCode", "errorMessage"),
            *("attemptEndingTimestamp", "rawData", "lambdaArn"),
        ]
        assert (line["attemptsMade"], line["lambdaArn"]) == (1, function)
        assert before.timestamp() * 1000 - 1 <= line["arrivalTimestamp"] <= line["attemptEndingTimestamp"]

    delivered = eventually(delivery.delivered, len)
    event_line, rest = delivered.split(b"\n")
    assert rest == b"A;B;C;"

    event = json.loads(event_line.lower())
    assert list(event) == [
        "invocationid",
        "sourcekinesisstreamarn",
        "deliverystreamarn",
        "region",
        "records",
        "function",
    ]
    assert event["sourcekinesisstreamarn"] == delivery.stream_arn
    assert event["deliverystreamarn"] == delivery.arn
    assert event["region"] == "eu-west-1"
    assert event["function"] == function
    [record] = event["records"]
    assert list(record) == ["recordid", "approximatearrivaltimestamp", "data", "kinesisrecordmetadata"]
    metadata = record["kinesisrecordmetadata"]
    assert set(metadata) == {
        "sequencenumber", "subsequencenumber", "partitionkey", "shardid", "approximatearrivaltimestamp",
    }  # fmt: skip
    assert metadata["approximatearrivaltimestamp"] == record["approximatearrivaltimestamp"]

    [name] = aws.objects(delivery.bucket, "output/")
    hour = f"{before:%Y/%m/%d/%H}"
    assert re.fullmatch(rf"output/{hour}/{delivery.name}-1-{before:%Y-%m-%d-%H}-\d\d-\d\d-[0-9a-f-]{{36}}\.gz", name)
    [error_name] = aws.objects(delivery.bucket, "errors/")
    assert error_name.startswith(f"errors/processing-failed/{hour}/{delivery.name}-1-")
    for written in (name, error_name):
        head = aws.s3.head_object(Bucket=delivery.bucket, Key=written)
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)


def test_a_batch_whose_call_fails_is_retried_and_then_failed_whole(aws: Any, eventually: Any) -> None:
    function = aws.create_function(FUNCTION)
    twice = processing(function, NumberOfRetries="2")
    deliveries = {trouble: Delivery(aws, function, ProcessingConfiguration=twice) for trouble in ("raise:", "large:")}
    for trouble, delivery in deliveries.items():
        delivery.put("innocent", trouble)
    for trouble, delivery in deliveries.items():
        failed = eventually(delivery.failed, len)
        assert {raw.decode() for raw in failed} == {"innocent", trouble}
        for line in failed.values():
            assert (line["errorCode"], line["attemptsMade"]) == ("Lambda.FunctionError", 3)
            assert trouble not in line["errorMessage"]
        assert aws.objects(delivery.bucket, "output/") == {}
    eventually(lambda: aws.log_of(function).count("START RequestId"), lambda calls: calls == 6)


def test_a_reshard_under_a_running_delivery_loses_nothing(aws: Any, function: str, eventually: Any) -> None:
    delivery = Delivery(aws, function)
    values = [f"r{number:04};" for number in range(400)]
    half = threading.Event()

    def write() -> None:
        for first in range(0, len(values), 10):
            delivery.put(*values[first : first + 10])
            if first >= len(values) // 2:
                half.set()

    writer = threading.Thread(target=write)
    writer.start()
    [shard] = aws.kinesis.list_shards(StreamName=delivery.stream)["Shards"]
    aws.kinesis.split_shard(StreamName=delivery.stream, ShardToSplit=shard["ShardId"], NewStartingHashKey=str(2**127))
    assert half.wait(120)
    children = [
        s["ShardId"] for s in aws.kinesis.list_shards(StreamName=delivery.stream)["Shards"] if "ParentShardId" in s
    ]
    aws.kinesis.merge_shards(StreamName=delivery.stream, ShardToMerge=children[0], AdjacentShardToMerge=children[1])
    writer.join()
    expected = Counter(value.upper().encode() for value in values)
    eventually(lambda: Counter(re.findall(rb"R\d+;", delivery.delivered())), lambda counted: counted == expected)
    assert delivery.failed() == {}


def test_an_outage_of_s3_delays_one_delivery_and_loses_nothing(
    aws: Any, function: str, localstack: LocalStack, eventually: Any
) -> None:
    stream = aws.create_stream()
    stuck, healthy = Delivery(aws, function, stream), Delivery(aws, function, stream)
    aws.s3.delete_bucket(Bucket=stuck.bucket)
    stuck.put("one;", "fail:one")
    eventually(localstack.log_path.read_text, lambda log: f"Firehose {stuck.name} tries again" in log)
    eventually(healthy.delivered, lambda data: data == b"ONE;")
    stuck.put("two;")
    aws.s3.create_bucket(Bucket=stuck.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    eventually(stuck.delivered, lambda data: data == b"ONE;TWO;")
    assert set(eventually(stuck.failed, len)) == {b"fail:one"}


def test_a_destination_can_be_changed(aws: Any, function: str, eventually: Any) -> None:
    delivery = Delivery(aws, function)
    described = aws.firehose.describe_delivery_stream(DeliveryStreamName=delivery.name)["DeliveryStreamDescription"]
    years = {f"{datetime.now(UTC):%Y}"}
    change = {
        "DeliveryStreamName": delivery.name,
        "CurrentDeliveryStreamVersionId": described["VersionId"],
        "DestinationId": described["Destinations"][0]["DestinationId"],
        "ExtendedS3DestinationUpdate": {
            "Prefix": "changed/!{firehose:random-string}/!{timestamp:'year='yyyy}/",
            "ProcessingConfiguration": {"Enabled": False},
        },
    }
    aws.firehose.update_destination(**change)
    delivery.put("as it is")
    delivered = eventually(lambda: aws.objects(delivery.bucket), len)
    [(name, body)] = delivered.items()
    years.add(f"{datetime.now(UTC):%Y}")
    assert re.match(rf"changed/[0-9A-Za-z]{{11}}/year=({'|'.join(years)})/{delivery.name}-2-", name)
    assert gzip.decompress(body) == b"as it is"
    with pytest.raises(aws.firehose.exceptions.ConcurrentModificationException):
        aws.firehose.update_destination(**change)


def test_records_can_be_put_directly(aws: Any, eventually: Any) -> None:
    bucket, name = aws.create_bucket(), f"direct-{uuid.uuid4()}"
    destination = {"RoleARN": aws.role, "BucketARN": f"arn:aws:s3:::{bucket}", "Prefix": "plain/"}
    aws.firehose.create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration=destination)
    before = datetime.now(UTC)
    answer = aws.firehose.put_record_batch(DeliveryStreamName=name, Records=[{"Data": b"a"}, {"Data": b"b"}])
    assert len({record["RecordId"] for record in answer["RequestResponses"]}) == 2
    objects = eventually(lambda: aws.objects(bucket), len)
    [(key, body)] = objects.items()
    hours = [f"plain/{when:%Y/%m/%d/%H}/{name}-1-" for when in (before, datetime.now(UTC))]
    assert key.startswith(tuple(hours))
    assert body == b"ab"


def test_deleting_a_delivery_stream_delivers_what_it_holds(aws: Any, function: str, eventually: Any) -> None:
    delivery = Delivery(aws, function)
    name = f"direct-{uuid.uuid4()}"
    aws.firehose.create_delivery_stream(
        DeliveryStreamName=name,
        ExtendedS3DestinationConfiguration={"RoleARN": aws.role, "BucketARN": f"arn:aws:s3:::{delivery.bucket}"},
    )
    aws.firehose.put_record(DeliveryStreamName=name, Record={"Data": b"last"})
    aws.firehose.delete_delivery_stream(DeliveryStreamName=name)
    eventually(lambda: list(aws.objects(delivery.bucket).values()), lambda bodies: bodies == [b"last"])


@pytest.mark.parametrize(
    "refused",
    [
        {"Prefix": "output/!{timestamp:yyyy}/"},
        {"ErrorOutputPrefix": "errors/!{timestamp:yyyy}/"},
        {"CompressionFormat": "Snappy"},
    ],
)
def test_an_invalid_or_unsupported_configuration_is_refused(aws: Any, refused: dict[str, str]) -> None:
    destination = {"RoleARN": aws.role, "BucketARN": "arn:aws:s3:::any", **refused}
    with pytest.raises(aws.firehose.exceptions.InvalidArgumentException):
        aws.firehose.create_delivery_stream(
            DeliveryStreamName="refused", ExtendedS3DestinationConfiguration=destination
        )
