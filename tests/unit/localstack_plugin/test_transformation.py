from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from snowveil_localstack.firehose.buffer import BufferHints
from snowveil_localstack.firehose.destination import LambdaProcessor
from snowveil_localstack.firehose.invocation import invocation_event
from snowveil_localstack.firehose.records import KinesisPosition, SourceRecord, kinesis_record
from snowveil_localstack.firehose.response import Delivered, Failed
from snowveil_localstack.firehose.transformation import Transformed, transform

RECORDS = [SourceRecord("a", b"x", 1), SourceRecord("b", b"y", 2)]
ANSWER = json.dumps({"records": [{"recordId": name, "result": "Ok", "data": ""} for name in ("a", "b")]}).encode()


class Function:
    """Stands for Lambda's API: gives one prepared answer per call, an exception by raising it."""

    def __init__(self, *answers: bytes | Exception | None) -> None:
        self._answers = list(answers)
        self.requests: list[dict[str, Any]] = []

    def invoke(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            return {
                "FunctionError": "Unhandled",
                "Payload": io.BytesIO(b'{"errorMessage": "quotes secret@example.com"}'),
            }
        return {"Payload": io.BytesIO(answer)}


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "said Lambda"}}, "Invoke")


def run(function: Function, retries: int = 3) -> tuple[Transformed, list[float]]:
    waits: list[float] = []
    processor = LambdaProcessor("arn:function:live", BufferHints(1, 1), retries)
    event = lambda: invocation_event("arn:firehose", None, "eu-west-1", RECORDS)  # noqa: E731 - one line says it
    return transform(function, processor, RECORDS, event, waits.append), waits


def test_a_failed_call_is_repeated_with_growing_pauses() -> None:
    function = Function(None, refused("TooManyRequestsException"), ReadTimeoutError(endpoint_url="x"), ANSWER)
    transformed, waits = run(function)
    assert transformed == Transformed([Delivered(b""), Delivered(b"")], attempts=4)
    assert waits == sorted(set(waits))
    assert len(waits) == 3
    events = [json.loads(request["Payload"]) for request in function.requests]
    assert len({event["invocationId"] for event in events}) == 4
    assert all(event["records"] == events[0]["records"] for event in events)
    assert {request["FunctionName"] for request in function.requests} == {"arn:function:live"}


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (None, "Lambda.FunctionError"),
        (refused("TooManyRequestsException"), "Lambda.InvokeLimitExceeded"),
        (refused("ResourceNotFoundException"), "Lambda.ResourceNotFound"),
        (refused("AccessDeniedException"), "Lambda.InvokeAccessDenied"),
        (refused("RequestTooLargeException"), "Lambda.RequestTooLargeException"),
        (ReadTimeoutError(endpoint_url="x"), "Lambda.InvokeFailed"),
    ],
)
def test_after_the_last_retry_the_batch_fails_whole(trouble: Exception | None, code: str) -> None:
    transformed, waits = run(Function(*[trouble] * 3), retries=2)
    assert transformed.attempts == 3
    assert len(waits) == 2
    assert len(transformed.verdicts) == len(RECORDS)
    for verdict in transformed.verdicts:
        assert isinstance(verdict, Failed)
        assert verdict.code == code
        assert "secret" not in verdict.message


def test_a_malformed_answer_is_final() -> None:
    transformed, waits = run(Function(b"no json"))
    assert transformed.attempts == 1
    assert waits == []
    assert [verdict.code for verdict in transformed.verdicts if isinstance(verdict, Failed)] == [
        "Lambda.JsonProcessingException",
        "Lambda.JsonProcessingException",
    ]


def test_a_kinesis_record_has_an_id_that_no_other_shard_gives() -> None:
    one, other = (kinesis_record(b"", 0, KinesisPosition(shard, "p", "49")) for shard in ("shardId-0", "shardId-1"))
    assert one.record_id != other.record_id
    assert one == kinesis_record(b"", 0, KinesisPosition("shardId-0", "p", "49"))
