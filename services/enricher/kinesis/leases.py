"""The lease table in DynamoDB: how far each shard is done, in the key names of the Kinesis Client Library."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from services.enricher.kinesis.interface import Position
from services.enricher.support import aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TRIM_HORIZON = "TRIM_HORIZON"
SHARD_END = "SHARD_END"
# A lease without these counters is none to the Kinesis Client Library, which may be the stream's next consumer.
_COUNTERS = ("checkpointSubSequenceNumber", "leaseCounter", "ownerSwitchesSinceCheckpoint")
_UPDATE = "SET checkpoint = :checkpoint, " + ", ".join(f"{name} = if_not_exists({name}, :none)" for name in _COUNTERS)


class LeaseTable:
    """Items `{leaseKey: <shard id>, checkpoint: <number> | TRIM_HORIZON | SHARD_END}`; `wait` takes seconds."""

    def __init__(self, table: str, dynamodb: "DynamoDBClient", wait: Callable[[float], object] = time.sleep) -> None:
        self._table = table
        self._wait = wait
        self._dynamodb = dynamodb

    def checkpoints(self) -> dict[str, str]:
        """Read the checkpoint of every shard. Raises botocore's errors."""
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True)
        items = (item for page in pages for item in page["Items"] if "checkpoint" in item)
        return {item["leaseKey"]["S"]: item["checkpoint"]["S"] for item in items}

    def put(self, position: Position) -> None:
        """Set one shard's checkpoint, however long it takes, and leave the item's other attributes. Raises AwsError."""
        aws.retry(
            f"UpdateItem in {self._table}",
            lambda: self._dynamodb.update_item(
                TableName=self._table,
                Key={"leaseKey": {"S": position.shard_id}},
                UpdateExpression=_UPDATE,
                ExpressionAttributeValues={":checkpoint": {"S": position.sequence_number}, ":none": {"N": "0"}},
            ),
            self._wait,
        )
