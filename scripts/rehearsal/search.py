"""The search for canaries in everything that somebody can read in an environment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scripts.rehearsal.lake import ERRORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_logs import CloudWatchLogsClient

    from scripts.rehearsal.canaries import Canaries, Hit
    from scripts.rehearsal.lake import Lake


def objects(lake: Lake) -> Iterator[tuple[str, bytes]]:
    """Yield every object of every bucket but the two restricted stores: quarantine and Firehose's error prefix."""
    for bucket in lake.s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        if name == lake.quarantine_bucket:
            continue
        for key in lake.keys(name):
            if not (name == lake.bucket and key.startswith(ERRORS)):
                yield f"s3://{name}/{key}", lake.contents(name, key)


def restricted_objects(lake: Lake) -> Iterator[tuple[str, bytes]]:
    """Yield the objects of the quarantine and of Firehose's error prefix."""
    for bucket, prefix in ((lake.quarantine_bucket, ""), (lake.bucket, ERRORS)):
        for key in lake.keys(bucket, prefix):
            yield f"s3://{bucket}/{key}", lake.contents(bucket, key)


def log_events(logs: CloudWatchLogsClient) -> Iterator[tuple[str, bytes]]:
    """Yield every log line of every group."""
    for groups in logs.get_paginator("describe_log_groups").paginate():
        for group in groups["logGroups"]:
            name = group["logGroupName"]
            yield f"log group {name}", name.encode()
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
                for event in page["events"]:
                    yield f"log group {name}, stream {event['logStreamName']}", event["message"].encode()


def metrics(cloudwatch: CloudWatchClient) -> Iterator[tuple[str, bytes]]:
    """Yield every metric's name and dimensions."""
    for page in cloudwatch.get_paginator("list_metrics").paginate():
        for metric in page["Metrics"]:
            yield f"metric {metric['Namespace']}", json.dumps(metric).encode()


def tables(dynamodb: DynamoDBClient) -> Iterator[tuple[str, bytes]]:
    """Yield every item of every table."""
    for name in dynamodb.list_tables()["TableNames"]:
        for page in dynamodb.get_paginator("scan").paginate(TableName=name):
            for item in page["Items"]:
                yield f"table {name}", json.dumps(item, default=repr).encode()


def files(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield the contents of log files: the programs' journals and LocalStack's own log."""
    for path in paths:
        yield f"file {path.name}", path.read_bytes()


def hits(canaries: Canaries, places: Iterable[tuple[str, bytes]]) -> tuple[list[Hit], int]:
    """Search `places`; return what was found and how many places were searched."""
    found: list[Hit] = []
    searched = 0
    for place, contents in places:
        found += canaries.search(place, contents)
        searched += 1
    return found, searched
