"""What Firehose makes of the transformation's answer, record by record.

Source: https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html; codes and messages:
https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html and real objects of failed records.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snowveil_localstack.firehose.records import SourceRecord


@dataclass(frozen=True)
class Delivered:
    """`Ok`: these bytes go to S3."""

    data: bytes


@dataclass(frozen=True)
class Dropped:
    """`Dropped`: the record is done with."""


@dataclass(frozen=True)
class Failed:
    """The original record goes to the error prefix with this code and message."""

    code: str
    message: str


type Verdict = Delivered | Dropped | Failed

UNREADABLE = Failed(
    "Lambda.JsonProcessingException",
    "There was an error parsing returned records from the Lambda function. Ensure that the returned records follow the "
    "status model required by Amazon Data Firehose.",
)
MISSING = Failed(
    "Lambda.MissingRecordId",
    "One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids.",
)
DUPLICATED = Failed(
    "Lambda.DuplicatedRecordId",
    "Multiple records were returned with the same record Id. Ensure that the Lambda function returns a unique record "
    "Id for each record.",
)
PROCESSING_FAILED = Failed("Lambda.ProcessingFailedStatus", "ProcessingFailed status set for record")
NO_DATA = Failed(
    "Lambda.InvalidReturnFormat",
    "The data field cannot be null when the SourceType is DirectPut or KinesisStreamAsSource and processing "
    "result is Ok.",
)
INVALID = Failed(
    "Lambda.FunctionError",
    "Check your function and make sure the output is in required format. In addition to that, make sure the processed "
    "records contain valid result status of Dropped, Ok, or ProcessingFailed",
)


def judge(payload: bytes, records: Sequence[SourceRecord]) -> list[Verdict]:
    """One verdict per record, in the records' order. Entries for ids that were never sent are ignored, as on AWS."""
    returned = _returned(payload)
    if returned is None:
        return [UNREADABLE] * len(records)
    by_id: dict[str, list[dict[str, Any]]] = {}
    for entry in returned:
        if isinstance(entry, dict) and isinstance(entry.get("recordId"), str):
            by_id.setdefault(entry["recordId"], []).append(entry)
    return [_verdict(by_id.get(record.record_id, [])) for record in records]


def _returned(payload: bytes) -> list[Any] | None:
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    entries = answer.get("records") if isinstance(answer, dict) else None
    return entries if isinstance(entries, list) else None


def _verdict(entries: list[dict[str, Any]]) -> Verdict:
    match entries:
        case []:
            return MISSING
        case [{"result": "Ok"} as entry]:
            return _delivered(entry.get("data"))
        case [{"result": "Dropped"}]:
            return Dropped()
        case [{"result": "ProcessingFailed"}]:
            return PROCESSING_FAILED
        case [_]:
            return INVALID
    return DUPLICATED


def _delivered(data: object) -> Verdict:
    if data is None:
        return NO_DATA
    if not isinstance(data, str):
        return INVALID
    try:
        return Delivered(base64.b64decode(data, validate=True))
    except (binascii.Error, ValueError):
        return INVALID
