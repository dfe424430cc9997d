from collections.abc import Callable
from threading import Event
from typing import Any, cast

import pytest

from services.enricher.kinesis.interface import Batch, Position
from services.enricher.kinesis.leases import SHARD_END
from services.enricher.kinesis.polling import PollingSource
from services.enricher.support.aws import AwsError
from tests.fixtures.kinesis_shards import Leases, Shard, Shards


def source(shards: Shards, leases: Leases, stop: Event | None = None, max_records: int = 2) -> PollingSource:
    return PollingSource(
        "raw-good",
        cast("Any", shards),
        cast("Any", leases),
        stop or Event(),
        max_records=max_records,
        idle_seconds=0.001,
    )


def consume(shards: Shards, leases: Leases, until: Callable[[list[Batch]], bool]) -> list[Batch]:
    """Read and checkpoint batches until told that it is enough."""
    stop = Event()
    polling = source(shards, leases, stop)
    seen: list[Batch] = []
    for batch in polling.batches():
        seen.append(batch)
        polling.checkpoint(batch.position)
        if until(seen):
            stop.set()
    return seen


def records(batches: list[Batch]) -> list[bytes]:
    return [record for batch in batches for record in batch.records]


def test_reading_goes_on_after_the_checkpoint() -> None:
    shards = Shards({"s-0": Shard([b"a", b"b", b"c"])})
    seen = consume(shards, Leases({"s-0": "1"}), lambda seen: len(records(seen)) == 1)
    assert records(seen) == [b"c"]
    assert "GetShardIterator s-0 AFTER_SEQUENCE_NUMBER" in shards.calls


def test_a_child_waits_while_its_parents_last_batch_is_not_checkpointed() -> None:
    shards = Shards({"s-0": Shard([b"a"], closed=True), "child": Shard([b"b"], ("s-0",))})
    leases, stop = Leases(), Event()
    polling = source(shards, leases, stop)
    batches = polling.batches()
    assert next(batches).records == [b"a"]
    end = next(batches)
    assert end == Batch([], Position("s-0", SHARD_END))
    stop.set()
    assert list(batches) == []
    assert not any("child" in call for call in shards.calls)


def test_a_child_whose_parent_is_gone_is_read_and_a_finished_shard_is_not() -> None:
    shards = Shards({"done": Shard([b"a"], closed=True), "child": Shard([b"b"], ("trimmed", "done"))})
    seen = consume(shards, Leases({"done": SHARD_END}), lambda seen: len(records(seen)) == 1)
    assert records(seen) == [b"b"]


def test_an_expired_iterator_is_replaced_behind_what_was_read() -> None:
    shards = Shards({"s-0": Shard([b"a", b"b", b"c"])})
    polling = source(shards, Leases())
    batches = polling.batches()
    assert next(batches).records == [b"a", b"b"]
    shards.faults["GetRecords"] = ["ExpiredIteratorException"]
    assert next(batches).records == [b"c"]
    assert "GetShardIterator s-0 AFTER_SEQUENCE_NUMBER" in shards.calls


@pytest.mark.parametrize("operation", ["ListShards", "GetShardIterator", "GetRecords"])
@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "LimitExceededException", "InternalFailure"]
)
def test_an_error_that_passes_only_delays(operation: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.enricher.kinesis.polling._LIST_SECONDS", 0.0)
    shards = Shards({"s-0": Shard([b"a"])}, faults={operation: [code, code]})
    assert records(consume(shards, Leases(), lambda seen: len(records(seen)) == 1)) == [b"a"]


@pytest.mark.parametrize("operation", ["ListShards", "GetShardIterator", "GetRecords"])
def test_an_error_that_does_not_pass_ends_the_source_without_its_text(operation: str) -> None:
    shards = Shards({"s-0": Shard([b"a"])}, faults={operation: ["ResourceNotFoundException"]})
    with pytest.raises(AwsError) as raised:
        next(source(shards, Leases()).batches())
    assert str(raised.value) == f"{operation} of raw-good: ResourceNotFoundException"


def test_a_source_told_to_stop_ends() -> None:
    stop = Event()
    stop.set()
    assert list(source(Shards({"s-0": Shard([b"a"])}), Leases(), stop).batches()) == []
