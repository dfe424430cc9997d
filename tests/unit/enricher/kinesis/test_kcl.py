"""The child process of the Kinesis Client Library: what it answers, and what it never passes over."""

import io
import json
from contextlib import suppress
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enricher.kinesis.kcl import KclSource, ProtocolError
from tests.fixtures.kcl_daemon import Daemon
from tests.fixtures.kinesis_shards import Leases, Shard

CANARY = "alice@example.org"


def source(daemon: Daemon, waited: list[float] | None = None) -> KclSource:
    pipes = cast("Any", daemon)
    return KclSource(pipes, pipes, wait=(waited if waited is not None else []).append)


def run(daemon: Daemon, waited: list[float] | None = None) -> None:
    child = source(daemon, waited)
    for batch in child.batches():
        child.checkpoint(batch.position)


def test_every_request_is_answered_and_a_batch_only_when_it_is_checkpointed() -> None:
    daemon = Daemon("s-0", Shard([b"a", b"b", b"c"], closed=True), Leases())
    run(daemon)
    checkpoint = {"action": "checkpoint", "sequenceNumber": None, "subSequenceNumber": None}
    assert daemon.said == [
        {"action": "status", "responseFor": "initialize"},
        checkpoint,
        {"action": "status", "responseFor": "processRecords"},
        checkpoint,
        {"action": "status", "responseFor": "processRecords"},
        checkpoint,
        {"action": "status", "responseFor": "shardEnded"},
    ]


def test_a_batch_that_fails_is_not_answered() -> None:
    daemon = Daemon("s-0", Shard([b"a"]), Leases())
    batches = source(daemon).batches()
    next(batches)
    with pytest.raises(RuntimeError):
        batches.throw(RuntimeError())  # type: ignore[attr-defined]  # it is a generator
    assert daemon.said == [{"action": "status", "responseFor": "initialize"}]


@pytest.mark.parametrize("error", ["ThrottlingException", "KinesisClientLibDependencyException"])
def test_a_checkpoint_that_dynamodb_throttles_is_asked_for_until_it_is_there(error: str) -> None:
    leases, waited = Leases(), list[float]()
    run(Daemon("s-0", Shard([b"a"]), leases, faults=[error] * 50), waited)
    assert leases.items == {"s-0": "0"}
    assert len(waited) == 50
    assert max(waited) <= 1


def test_without_the_lease_there_is_no_checkpoint_and_no_failure() -> None:
    leases = Leases()
    run(Daemon("s-0", Shard([b"a"]), leases, faults=["ShutdownException"]))
    assert leases.items == {}


@pytest.mark.parametrize("error", ["InvalidStateException", "IllegalArgumentException", "NullPointerException"])
def test_a_checkpoint_refused_for_good_ends_the_child_unanswered(error: str) -> None:
    daemon = Daemon("s-0", Shard([b"a"]), Leases(), faults=[error])
    with pytest.raises(ProtocolError, match=error):
        run(daemon)
    assert daemon.said[-1]["action"] == "checkpoint"


@pytest.mark.parametrize("line", [b'{"action": "alice@example.org"}\n', b"alice@example.org\n", b'{"action": 1}\n'])
def test_a_line_that_is_no_message_ends_the_child_without_quoting_it(line: bytes) -> None:
    with pytest.raises(ProtocolError) as raised:
        list(KclSource(io.BytesIO(line), io.BytesIO()).batches())
    assert CANARY not in str(raised.value)


def test_a_daemon_gone_in_the_middle_of_a_checkpoint_is_a_failure() -> None:
    records = {"action": "processRecords", "records": [{"data": "YQ==", "sequenceNumber": "1"}]}
    child = KclSource(io.BytesIO(json.dumps(records).encode() + b"\n"), io.BytesIO())
    batch = next(child.batches())
    with pytest.raises(ProtocolError):
        child.checkpoint(batch.position)


def test_a_lost_lease_is_answered() -> None:
    answers = io.BytesIO()
    assert list(KclSource(io.BytesIO(b'{"action": "leaseLost"}\n'), answers).batches()) == []
    assert json.loads(answers.getvalue()) == {"action": "status", "responseFor": "leaseLost"}


@given(st.binary(max_size=200))
def test_whatever_the_line_only_the_protocol_error_is_raised(line: bytes) -> None:
    with suppress(ProtocolError):
        list(KclSource(io.BytesIO(line), io.BytesIO()).batches())
