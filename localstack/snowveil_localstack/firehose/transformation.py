"""Calling the Lambda function for one batch, with Firehose's retries."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import (  # type: ignore[import-untyped,unused-ignore] # LocalStack's environment has no stubs
    BotoCoreError,
    ClientError,
)

from snowveil_localstack.firehose.response import Failed, Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snowveil_localstack.firehose.destination import LambdaProcessor
    from snowveil_localstack.firehose.records import SourceRecord

_FUNCTION_ERROR = Failed(
    "Lambda.FunctionError", "The Lambda function was successfully invoked but it returned an error result."
)
_REFUSED = {
    "AccessDeniedException": Failed(
        "Lambda.InvokeAccessDenied",
        "Access was denied. Ensure that the access policy allows access to the Lambda function.",
    ),
    "TooManyRequestsException": Failed(
        "Lambda.InvokeLimitExceeded",
        "The Lambda concurrent execution limit is exceeded. Increase the concurrent execution limit.",
    ),
    "ResourceNotFoundException": Failed(
        "Lambda.ResourceNotFound",
        "The specified Lambda function does not exist. Use a different function that does exist.",
    ),
}


@dataclass(frozen=True)
class Transformed:
    """Verdicts in the order of the batch, after this many calls."""

    verdicts: list[Verdict]
    attempts: int


def transform(
    client: Any,
    processor: LambdaProcessor,
    records: Sequence[SourceRecord],
    event: Callable[[], bytes],
    wait: Callable[[float], object] = time.sleep,
) -> Transformed:
    """Call the function until it answers, at most 1 + retries times.

    Errors of the function, its size limits, throttles and time-outs are repeated; an answer is final even if it is
    malformed. `event` builds one request, `wait` sleeps for the given seconds between attempts.
    """
    attempt = 0
    while True:
        attempt += 1
        answer = _call(client, processor.arn, event())
        if isinstance(answer, bytes):
            return Transformed(judge(answer, records), attempt)
        if attempt > processor.retries:
            return Transformed([answer] * len(records), attempt)
        wait(0.2 * 2 ** min(attempt - 1, 5))


def _call(client: Any, function_arn: str, body: bytes) -> bytes | Failed:
    try:
        response = client.invoke(FunctionName=function_arn, Payload=body)
        answer: bytes = response["Payload"].read()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        # AWS documents no code for the rest, such as a request over 6 MB; the message is Lambda's.
        return _REFUSED.get(code) or Failed(f"Lambda.{code}", error.response["Error"]["Message"])
    except BotoCoreError as error:
        # No answer, or a broken one: the class is named, its text could quote what was sent.
        return Failed("Lambda.InvokeFailed", type(error).__name__)
    # What the function said about its error could quote a record; AWS leaves it out too.
    return _FUNCTION_ERROR if response.get("FunctionError") else answer
