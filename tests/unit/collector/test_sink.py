"""The sink against a client that answers as told; the real client and its faults are in the contract tests."""

import time
from collections.abc import Callable
from threading import Event
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collector import sink
from services.collector.config import Buffer, Stream
from services.collector.sink import Record, Sink

STREAM = Stream(name="good", region="eu-west-1", buffer=Buffer(record_limit=4, time_limit=20))

type Answer = Callable[[list[Any]], dict[str, Any]]


class Kinesis:
    """Takes the answers given, one a call, then takes everything; `stored` are the records it confirmed."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.calls: list[list[bytes]] = []
        self.stored: list[bytes] = []

    def describe_stream_summary(self, *, StreamName: str) -> None:  # noqa: N803  # boto3's names
        assert StreamName == "good"

    def put_records(self, *, StreamName: str, Records: list[Any]) -> dict[str, Any]:  # noqa: N803
        assert StreamName == "good"
        self.calls.append([entry["Data"] for entry in Records])
        answer = self.answers.pop(0)(Records) if self.answers else {"Records": [{}] * len(Records)}
        self.stored += [e["Data"] for e, r in zip(Records, answer["Records"], strict=False) if not r.get("ErrorCode")]
        return answer


def refuse(*positions: int) -> Answer:
    code = {"ErrorCode": "ProvisionedThroughputExceededException"}
    return lambda records: {"Records": [code if n in positions else {} for n in range(len(records))]}


def fail(error: Exception) -> Answer:
    def answer(_: list[Any]) -> dict[str, Any]:
        raise error

    return answer


@pytest.fixture(autouse=True)
def short_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, delay in (("_FIRST_DELAY", 0.001), ("_MIN_DELAY", 0.001), ("_MAX_DELAY", 0.003)):
        monkeypatch.setattr(sink, name, delay)


def put_all(kinesis: Kinesis, data: list[bytes], stream: Stream = STREAM) -> None:
    tested = Sink(stream, cast("Any", kinesis))
    for each in data:
        tested.put(Record("key", each))
    tested.close()


def test_close_writes_what_is_held() -> None:
    kinesis = Kinesis()
    put_all(kinesis, [b"a", b"b"], Stream(name="good", region="eu-west-1", buffer=Buffer(time_limit=60_000)))
    assert kinesis.calls == [[b"a", b"b"]]


def test_a_batch_has_at_most_the_limit_of_records() -> None:
    kinesis = Kinesis()
    put_all(kinesis, [bytes([n]) for n in range(10)])
    assert [b"".join(call) for call in kinesis.calls] == [b"\0\1\2\3", b"\4\5\6\7", b"\10\11"]


def test_a_batch_has_at_most_the_limit_of_bytes_with_the_keys() -> None:
    stream = Stream(name="good", region="eu-west-1", buffer=Buffer(byte_limit=1_048_576))
    kinesis = Kinesis()
    put_all(kinesis, [b"x" * (524_288 - len("key"))] * 2 + [b"y", b"z" * 1_000_000], stream)
    assert [len(call) for call in kinesis.calls] == [2, 2]


def test_a_lone_record_is_written_when_its_time_has_come() -> None:
    written = Event()

    def confirm(records: list[Any]) -> dict[str, Any]:
        written.set()
        return {"Records": [{}] * len(records)}

    tested = Sink(STREAM, cast("Any", Kinesis(confirm)))
    tested.put(Record("key", b"a"))
    assert written.wait(5)
    tested.close()


def test_only_the_refused_entries_are_tried_again_until_they_are_in() -> None:
    kinesis = Kinesis(refuse(1, 3), refuse(0))
    put_all(kinesis, [b"a", b"b", b"c", b"d"])
    assert kinesis.calls == [[b"a", b"b", b"c", b"d"], [b"b", b"d"], [b"b"]]
    assert sorted(kinesis.stored) == [b"a", b"b", b"c", b"d"]


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="http://canary.invalid"),
        ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "canary"}}, "PutRecords"),
        KeyError("canary"),
    ],
)
def test_a_failed_call_is_repeated_and_named_once_without_its_text(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    kinesis = Kinesis(fail(error), fail(error), fail(error))
    put_all(kinesis, [b"canary"])
    assert kinesis.calls == [[b"canary"]] * 4
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 1
    assert warnings[0].startswith("stream good: takes no records or not all (")
    assert [record.levelname for record in caplog.records if "takes records again" in record.getMessage()] == ["INFO"]
    assert "canary" not in caplog.text


def test_an_answer_that_does_not_cover_the_batch_confirms_nothing() -> None:
    kinesis = Kinesis(lambda _: {"Records": [{}]})
    put_all(kinesis, [b"a", b"b"])
    assert kinesis.calls == [[b"a", b"b"], [b"a", b"b"]]


def test_it_is_full_until_kinesis_has_confirmed() -> None:
    is_down = True
    tried = Event()

    def answer(records: list[Any]) -> dict[str, Any]:
        tried.set()
        return {"Records": [{"ErrorCode": "InternalFailure"} if is_down else {}] * len(records)}

    class Always(Kinesis):
        def put_records(self, *, StreamName: str, Records: list[Any]) -> dict[str, Any]:  # noqa: ARG002, N803
            return answer(Records)

    tested = Sink(STREAM, cast("Any", Always()), max_held_bytes=10)
    tested.put(Record("key", b"1234567"))
    assert tested.is_full
    assert tried.wait(5)
    assert tested.is_full
    is_down = False
    tested.close()
    assert not tested.is_full


def test_backoff_is_bounded_and_jittered(monkeypatch: pytest.MonkeyPatch) -> None:
    delays: list[float] = []
    monkeypatch.setattr(time, "sleep", delays.append)
    for name, delay in (("_FIRST_DELAY", 0.5), ("_MIN_DELAY", 0.5), ("_MAX_DELAY", 1.5)):
        monkeypatch.setattr(sink, name, delay)
    put_all(Kinesis(*[refuse(0)] * 50), [b"a"])
    assert len(delays) == 50
    assert delays[0] == 0.5
    assert all(0.5 <= delay <= 1.5 for delay in delays)
    assert len(set(delays)) > 20


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sets(st.integers(0, 3)), max_size=12), st.integers(1, 20))
def test_every_record_is_confirmed_exactly_once_whatever_is_refused(refusals: list[set[int]], count: int) -> None:
    kinesis = Kinesis(*(refuse(*positions) for positions in refusals))
    data = [n.to_bytes(2) for n in range(count)]
    put_all(kinesis, data)
    assert sorted(kinesis.stored) == data
    assert all(len(call) <= 4 for call in kinesis.calls)
