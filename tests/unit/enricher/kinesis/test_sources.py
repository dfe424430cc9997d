"""What the pipeline relies on, of both sources alike."""

from collections.abc import Callable, Iterator
from threading import Event
from typing import Any, cast

import pytest

from services.enricher.kinesis.interface import Batch, Position, Source
from services.enricher.kinesis.kcl import KclSource
from services.enricher.kinesis.leases import SHARD_END
from services.enricher.kinesis.polling import PollingSource
from tests.fixtures.kcl_daemon import Daemon
from tests.fixtures.kinesis_shards import Leases, Shard, Shards

type Consumer = Callable[[Shards, Leases], Iterator[tuple[Source, Batch]]]


def polling(shards: Shards, leases: Leases) -> Iterator[tuple[Source, Batch]]:
    stop = Event()
    clients = cast("Any", shards), cast("Any", leases)
    source = PollingSource("raw-good", *clients, stop, max_records=2, idle_seconds=0.001)
    try:
        for batch in source.batches():
            yield source, batch
            if _is_read(shards, leases):
                stop.set()
    finally:
        stop.set()


def kcl(shards: Shards, leases: Leases) -> Iterator[tuple[Source, Batch]]:
    """One child after the other, each shard's only after its parents', as the library starts them."""
    waiting = {shard_id for shard_id in shards.shards if leases.items.get(shard_id) != SHARD_END}
    while ready := [
        shard_id
        for shard_id in sorted(waiting)
        if all(leases.items.get(parent) == SHARD_END for parent in shards.shards[shard_id].parents)
    ]:
        for shard_id in ready:
            waiting.remove(shard_id)
            pipes = cast("Any", Daemon(shard_id, shards.shards[shard_id], leases))
            source = KclSource(pipes, pipes, wait=lambda _: None)
            for batch in source.batches():
                yield source, batch


def _is_read(shards: Shards, leases: Leases) -> bool:
    return all(
        leases.items.get(shard_id) == (SHARD_END if shard.closed else str(len(shard.records) - 1))
        for shard_id, shard in shards.shards.items()
    )


both = pytest.mark.parametrize("consumer", [polling, kcl])


def consume(consumer: Consumer, shards: Shards, leases: Leases) -> list[Batch]:
    seen: list[Batch] = []
    for source, batch in consumer(shards, leases):
        seen.append(batch)
        source.checkpoint(batch.position)
    return seen


def records(batches: list[Batch]) -> list[bytes]:
    return [record for batch in batches for record in batch.records]


@both
def test_a_shard_is_read_from_its_beginning_in_order(consumer: Consumer) -> None:
    leases = Leases()
    seen = consume(consumer, Shards({"s-0": Shard([b"a", b"b", b"c"])}), leases)
    assert [batch.records for batch in seen] == [[b"a", b"b"], [b"c"]]
    assert [batch.position for batch in seen] == [Position("s-0", "1"), Position("s-0", "2")]
    assert leases.items == {"s-0": "2"}


@both
def test_reading_goes_on_after_the_checkpoint(consumer: Consumer) -> None:
    shards = Shards({"s-0": Shard([b"a", b"b", b"c"])})
    assert records(consume(consumer, shards, Leases({"s-0": "1"}))) == [b"c"]


@both
def test_what_was_not_checkpointed_is_read_again(consumer: Consumer) -> None:
    shards, leases = Shards({"s-0": Shard([b"a", b"b", b"c"])}), Leases()
    _, first = next(consumer(shards, leases))
    assert first.records == [b"a", b"b"]
    assert leases.items == {}
    assert records(consume(consumer, shards, leases)) == [b"a", b"b", b"c"]


@both
def test_the_children_of_a_split_and_of_a_merge_come_after_their_parents(consumer: Consumer) -> None:
    shards = Shards(
        {
            "merged": Shard([b"6"], ("left", "right")),
            "right": Shard([b"4", b"5"], ("s-0",), closed=True),
            "left": Shard([b"3"], ("s-0",), closed=True),
            "s-0": Shard([b"0", b"1", b"2"], closed=True),
        }
    )
    leases = Leases()
    seen = records(consume(consumer, shards, leases))
    assert seen[:3] == [b"0", b"1", b"2"]
    assert sorted(seen[3:6]) == [b"3", b"4", b"5"]
    assert seen[6:] == [b"6"]
    assert leases.items == {"s-0": SHARD_END, "left": SHARD_END, "right": SHARD_END, "merged": "0"}


@both
def test_the_end_of_a_shard_is_a_batch_without_records(consumer: Consumer) -> None:
    seen = consume(consumer, Shards({"s-0": Shard([b"a"], closed=True)}), Leases())
    assert seen[-1] == Batch([], Position("s-0", SHARD_END))
