"""The sink against a Kinesis that answers as told; the real client and its faults are in the contract tests."""

import asyncio
import json
from base64 import b64decode
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collector.config.settings import BackoffPolicy, Buffer, Stream
from services.collector.sink.buffer import Batch, Sink, next_delay
from services.collector.sink.kinesis import Kinesis, KinesisError
from services.collector.sink.replay import Replay
from services.collector.sink.spill import Spill

SHORT = BackoffPolicy(min_backoff=1, max_backoff=3)
STREAM = Stream(name="good", region="eu-west-1", buffer=Buffer(record_limit=4, time_limit=20), backoff_policy=SHORT)

type Answer = Callable[[list[bytes]], bytes]


class Fake:
    """Takes the answers given, one a call, then takes everything; `stored` are the records it confirmed."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.calls: list[list[bytes]] = []
        self.stored: list[bytes] = []
        self.is_down = False
        self.called = asyncio.Event()

    async def call(self, operation: str, body: bytes) -> bytes:
        assert operation == "PutRecords"
        self.called.set()
        request = json.loads(body)
        assert request["StreamName"] == "good"
        records = [b64decode(entry["Data"], validate=True) for entry in request["Records"]]
        if self.is_down:
            raise KinesisError("Down")
        self.calls.append(records)
        answer = self.answers.pop(0)(records) if self.answers else taken(records)
        results = json.loads(answer)["Records"]
        if len(results) == len(records):
            self.stored += [r for r, result in zip(records, results, strict=True) if "ErrorCode" not in result]
        return answer


def taken(records: list[bytes]) -> bytes:
    return refuse()(records)


def refuse(*positions: int) -> Answer:
    def answer(records: list[bytes]) -> bytes:
        code = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "canary"}
        results = [code if n in positions else {"ShardId": "s"} for n in range(len(records))]
        return json.dumps({"FailedRecordCount": sum("ErrorCode" in r for r in results), "Records": results}).encode()

    return answer


def fail(error: Exception) -> Answer:
    def answer(_: list[bytes]) -> bytes:
        raise error

    return answer


def sink_of(kinesis: Fake, stream: Stream = STREAM, spill: Spill | None = None, max_held: int = 1 << 20) -> Sink:
    return Sink(stream, cast("Kinesis", kinesis), spill, max_held)


def put_all(answers: list[Answer], data: list[bytes], stream: Stream = STREAM) -> Fake:
    async def put() -> Fake:
        kinesis = Fake(*answers)
        tested = sink_of(kinesis, stream)
        for each in data:
            tested.put(b"key", each)
        await tested.close()
        assert tested.held_bytes == 0
        return kinesis

    return asyncio.run(put())


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(cast("Any", test()), 120))


def test_close_writes_what_is_held() -> None:
    stream = Stream(name="good", region="eu-west-1", buffer=Buffer(time_limit=60_000))
    assert put_all([], [b"a", b"b"], stream).calls == [[b"a", b"b"]]


def test_batch_has_at_most_the_limit_of_records() -> None:
    calls = put_all([], [bytes([n]) for n in range(10)]).calls
    assert sorted(b"".join(call) for call in calls) == [b"\0\1\2\3", b"\4\5\6\7", b"\10\11"]


def test_batch_has_at_most_the_limit_of_bytes() -> None:
    stream = Stream(name="good", region="eu-west-1", buffer=Buffer(byte_limit=1_048_576))
    calls = put_all([], [b"x" * 390_000] * 2 + [b"y", b"z" * 900_000], stream).calls
    assert sorted(len(call) for call in calls) == [1, 3]


def test_single_record_is_written_after_the_time_limit() -> None:
    async def test() -> None:
        kinesis = Fake()
        tested = sink_of(kinesis)
        await tested.put(b"key", b"a").stored()
        assert kinesis.stored == [b"a"]

    run(test)


def test_only_the_refused_entries_are_tried_again_until_they_are_in() -> None:
    kinesis = put_all([refuse(1, 3), refuse(0)], [b"a", b"b", b"c", b"d"])
    assert kinesis.calls == [[b"a", b"b", b"c", b"d"], [b"b", b"d"], [b"b"]]
    assert sorted(kinesis.stored) == [b"a", b"b", b"c", b"d"]


@pytest.mark.parametrize("error", [KinesisError("LimitExceededException"), ValueError("canary")])
def test_failed_call_is_retried_and_its_error_code_logged_once(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    kinesis = put_all([fail(error), fail(error), fail(error)], [b"canary"])
    assert kinesis.calls == [[b"canary"]] * 4
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 1
    assert warnings[0].startswith("stream good: takes no records or not all (")
    assert [record.levelname for record in caplog.records if "takes records again" in record.getMessage()] == ["INFO"]
    assert "canary" not in caplog.text


@pytest.mark.parametrize("answer", [b'{"FailedRecordCount":0,"Records":[{}]}', b'{"Records":[]}', b'{"x":1}'])
def test_answer_that_does_not_cover_the_batch_confirms_nothing(answer: bytes) -> None:
    def short(_: list[bytes]) -> bytes:
        return answer if b"Records" in answer else b'{"Records":[]}'

    assert put_all([short], [b"a", b"b"]).calls == [[b"a", b"b"], [b"a", b"b"]]


def test_sink_is_full_until_kinesis_has_confirmed() -> None:
    async def test() -> None:
        kinesis = Fake()
        kinesis.is_down = True
        tested = sink_of(kinesis, max_held=10)
        batch = tested.put(b"key", b"1234567")
        assert tested.is_full
        await kinesis.called.wait()
        assert tested.is_full
        kinesis.is_down = False
        await batch.stored()
        assert [tested.is_full, tested.is_healthy] == [False, True]

    run(test)


@given(st.floats(0.0, 5.0))
def test_backoff_is_bounded_and_jittered(delay: float) -> None:
    policy = BackoffPolicy()
    delays = {next_delay(policy, delay) for _ in range(20)}
    assert all(0.5 <= each <= max(1.5, delay / 3 * 2) for each in delays)
    assert len(delays) > 1 or delay > 1.0  # a long one shrinks by a third and hides the jitter


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sets(st.integers(0, 3)), max_size=12), st.integers(1, 20))
def test_every_record_is_confirmed_exactly_once_whatever_is_refused(refusals: list[set[int]], count: int) -> None:
    data = [n.to_bytes(2) for n in range(count)]
    kinesis = put_all([refuse(*positions) for positions in refusals], data)
    assert sorted(kinesis.stored) == data
    assert all(len(call) <= 4 for call in kinesis.calls)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  # it is a property of the thing under test
        await asyncio.sleep(0)


async def spilling(kinesis: Fake, directory: Path, max_bytes: int = 1 << 26) -> tuple[Sink, Spill, Batch]:
    """Return a sink whose first batch has failed."""
    spill = Spill(directory, "good", max_bytes)
    tested = sink_of(kinesis, spill=spill, max_held=1 << 30)
    kinesis.is_down = True
    batch = tested.put(b"key", b"first")
    await batch.stored()
    return tested, spill, batch


def test_what_kinesis_fails_to_take_is_on_disk_before_it_counts_as_stored(tmp_path: Path) -> None:
    async def test() -> None:
        kinesis = Fake()
        tested, spill, _ = await spilling(kinesis, tmp_path)
        assert tested.is_spilling
        await tested.put(b"key", b"second").stored()
        assert kinesis.stored == []
        assert tested.held_bytes == 0
        segment = await spill.claim_oldest()
        assert segment is not None
        assert [b64decode(json.loads(entry)["Data"]) for entry in segment.read().entries] == [b"first", b"second"]
        segment.release()

    run(test)


def test_disk_is_replayed_when_kinesis_takes_records_again(tmp_path: Path) -> None:
    async def test() -> None:
        kinesis = Fake()
        tested, spill, _ = await spilling(kinesis, tmp_path)
        kinesis.is_down = False
        await Replay(STREAM, tested, spill).empty()
        assert kinesis.stored == [b"first"]
        assert spill.is_empty()
        assert not tested.is_failing
        await tested.put(b"key", b"second").stored()
        assert kinesis.stored == [b"first", b"second"]

    run(test)


def test_full_disk_refuses_more_and_what_was_accepted_stays_in_memory(tmp_path: Path) -> None:
    async def test() -> None:
        kinesis = Fake()
        tested, spill, _ = await spilling(kinesis, tmp_path, max_bytes=16_777_216)
        large = b"x" * 900_000
        stored = [tested.put(b"key", large).stored() for _ in range(16)]
        await asyncio.wait(stored, return_when=asyncio.FIRST_COMPLETED)
        await until(lambda: tested.is_full)
        assert 0 < sum(each.done() for each in stored) < len(stored)
        kinesis.is_down = False
        await Replay(STREAM, tested, spill).empty()
        await tested.close()
        assert sorted(map(len, kinesis.stored)) == [5] + [900_000] * 16
        assert not tested.is_full

    run(test)
