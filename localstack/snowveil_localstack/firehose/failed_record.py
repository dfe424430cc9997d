"""The JSON lines of records that could not be processed.

Source: https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html. Objects of AWS itself
have been seen with `lambdaARN` in place of the documented `lambdaArn`: who reads them accepts both.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snowveil_localstack.firehose.records import SourceRecord
    from snowveil_localstack.firehose.response import Failed

ERROR_OUTPUT_TYPE = "processing-failed"


def failed_line(record: SourceRecord, failure: Failed, attempts: int, ended_ms: int, lambda_arn: str) -> bytes:
    """One line with its newline. `attempts` counts the invocations, `ended_ms` is Unix time."""
    line = {
        "attemptsMade": attempts,
        "arrivalTimestamp": record.arrival_ms,
        "errorCode": failure.code,
        "errorMessage": failure.message,
        "attemptEndingTimestamp": ended_ms,
        "rawData": base64.b64encode(record.data).decode(),
        "lambdaArn": lambda_arn,
    }
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"
