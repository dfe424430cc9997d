"""The event Firehose invokes the transformation with.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesisfirehose.html and real events of a Kinesis source.
"""

from __future__ import annotations

import base64
import json
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snowveil_localstack.firehose.records import SourceRecord


def invocation_event(
    delivery_stream_arn: str, source_arn: str | None, region: str, records: Sequence[SourceRecord]
) -> bytes:
    """Build the request body. Each attempt is an invocation of its own id; the records keep theirs."""
    event: dict[str, Any] = {"invocationId": str(uuid.uuid4())}
    if source_arn is not None:
        event["sourceKinesisStreamArn"] = source_arn
    event["deliveryStreamArn"] = delivery_stream_arn
    event["region"] = region
    event["records"] = [_event_record(record) for record in records]
    return json.dumps(event, separators=(",", ":")).encode()


def _event_record(record: SourceRecord) -> dict[str, Any]:
    event: dict[str, Any] = {
        "recordId": record.record_id,
        "approximateArrivalTimestamp": record.arrival_ms,
        "data": base64.b64encode(record.data).decode(),
    }
    if record.position is not None:
        event["kinesisRecordMetadata"] = {
            "sequenceNumber": record.position.sequence_number,
            "subsequenceNumber": 0,
            "partitionKey": record.position.partition_key,
            "shardId": record.position.shard_id,
            "approximateArrivalTimestamp": record.arrival_ms,
        }
    return event
