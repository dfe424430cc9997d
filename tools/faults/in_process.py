"""Faults shown in one process: shards and leases in memory, the outputs behind HTTP, time that nobody waits for."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any, cast
from unittest import mock

import boto3
from botocore.exceptions import ClientError

from services.enricher import pipeline
from services.enricher.iglu.patience import Patience
from services.enricher.iglu.validation import Iglu
from services.enricher.kinesis.leases import SHARD_END, LeaseTable
from services.enricher.kinesis.polling import PollingSource
from services.enricher.kinesis.sink import KinesisSink
from services.enricher.pipeline import Sinks
from services.enricher.processing.record_enricher import RecordEnricher
from services.enricher.support import aws
from tests.fixtures.enricher import IGLU, cells, contexts, post
from tests.fixtures.iglu_registry import SCHEMAS, THING, RegistryStandIn, http_registry, resolver
from tests.fixtures.kinesis_shards import Leases, Shard, Shards
from tests.fixtures.kinesis_stand_in import KinesisStandIn
from tools.faults.outcome import Outcome, outcome
from wire.collector_payload import encode

_EVENTS = 600
_MAX_RECORDS = 100
BATCH_EVENTS = 2 * _MAX_RECORDS
_OUTAGE_SECONDS = 3 * 60


class World:
    """A stream of one shard with events in it, its lease table, and the enricher between it and the outputs."""

    def __init__(self, outputs: KinesisStandIn, events: int, context: dict[str, object] | None) -> None:
        self.context = context
        self.outputs = outputs
        self.sent: set[str] = set()
        self.leases = Leases()
        self.shards = Shards({"s-0": Shard(self.events(events))})
        self.enricher = RecordEnricher(IGLU, 1_000_000)
        self.waited = 0.0  # seconds that the sinks would have slept
        self.has_waited: Callable[[], None] = lambda: None

    def events(self, count: int) -> list[bytes]:
        """Return records of two events each."""
        ids = [str(uuid.uuid4()) for _ in range(count)]
        self.sent |= set(ids)
        more = {} if self.context is None else {"co": contexts(self.context)}
        return [encode(post({"eid": a, **more}, {"eid": b, **more})) for a, b in zip(ids[::2], ids[1::2], strict=True)]

    def run(self, leases: object = None) -> None:
        """Process until everything that is in the shards is checkpointed. Raises what the pipeline raises."""
        stop = Event()
        source = PollingSource(
            "raw-good",
            cast("Any", self.shards),
            cast("Any", leases or self.leases),
            stop,
            max_records=_MAX_RECORDS,
            idle_seconds=0,
        )
        checkpoint = source.checkpoint

        def checkpoint_and_look(position: Any) -> None:
            checkpoint(position)
            if self._is_read():
                stop.set()

        with mock.patch.object(source, "checkpoint", checkpoint_and_look):
            pipeline.run(source, self.enricher, Sinks(self._sink("good"), self._sink("bad")))

    def written(self) -> list[str]:
        """Return the ids of the lines in the output, in order."""
        return [cells(line)["event_id"] for line in self.outputs.of("good")]

    def _is_read(self) -> bool:
        return all(
            self.leases.items.get(name) == (SHARD_END if shard.closed else str(len(shard.records) - 1))
            for name, shard in self.shards.shards.items()
        )

    def _sink(self, stream: str) -> KinesisSink:
        client = boto3.client(
            "kinesis",
            region_name="eu-west-1",
            endpoint_url=self.outputs.endpoint,
            aws_access_key_id="x",
            aws_secret_access_key="x",  # noqa: S106 - the stand-in asks for none
            config=aws.CLIENT_CONFIG,
        )

        def wait(seconds: float) -> None:
            self.waited += seconds
            self.has_waited()

        return KinesisSink(stream, client, wait)


def output_throttled() -> Outcome:
    """Refuse each third record offered, those offered again too."""
    with _measured("output throttled: each third record") as (world, finish):
        world.outputs.refuse = lambda number: number % 3 == 0
        world.run()
    return finish(world)


def output_down_for_minutes() -> Outcome:
    """Refuse all calls until the sinks have waited for three minutes, which are counted and not slept."""

    def come_back() -> None:
        world.outputs.refuse_calls = world.waited < _OUTAGE_SECONDS

    with _measured("output down for 3 minutes (not slept)", events=20) as (world, finish):
        world.has_waited = come_back
        world.outputs.refuse_calls = True
        world.run()
    return finish(world)


def killed_between_output_and_checkpoint() -> Outcome:
    """End the program when a batch is written and not checkpointed, three times."""
    with _measured("ended between output and checkpoint, 3 times") as (world, finish):
        for _ in range(3):
            leases = mock.Mock(checkpoints=world.leases.checkpoints, put=mock.Mock(side_effect=KeyboardInterrupt))
            try:
                world.run(leases)
            except KeyboardInterrupt:
                continue
        world.run()
    return finish(world)


def leases_throttled() -> Outcome:
    """Let DynamoDB refuse four of five calls."""

    class Throttled:
        """A table that throttles, over the leases in memory."""

        calls = 0

        def update_item(self, **request: Any) -> dict[str, object]:
            self.calls += 1
            if self.calls % 5:
                error = {"Error": {"Code": "ProvisionedThroughputExceededException", "Message": ""}}
                raise ClientError(error, "UpdateItem")  # type: ignore[arg-type]  # no more of the answer is read
            key, values = request["Key"]["leaseKey"]["S"], request["ExpressionAttributeValues"]
            world.leases.items[key] = values[":checkpoint"]["S"]
            return {"Attributes": {}}

    with _measured("DynamoDB throttled: four of five calls") as (world, finish):
        table = LeaseTable("leases", cast("Any", Throttled()), wait=lambda _: None)
        world.run(mock.Mock(checkpoints=world.leases.checkpoints, put=table.put))
    return finish(world)


def resharded_under_load() -> Outcome:
    """Split the shard and merge its children while it is read, with more events in each."""
    with _measured("split and merge under load") as (world, finish):
        shards = world.shards.shards
        shards["s-0"].closed = True
        for side in ("left", "right"):
            shards[side] = Shard(world.events(_EVENTS), ("s-0",), closed=True)
        shards["merged"] = Shard(world.events(_EVENTS), ("left", "right"))
        world.run()
    return finish(world)


def registry_down() -> Outcome:
    """Let the registry fail three of eight lookups, which nothing remembers."""
    context: dict[str, object] = {"schema": str(THING), "data": {}}
    with (
        RegistryStandIn() as registry,
        TemporaryDirectory() as scratch,
        _measured("registry down: three of eight lookups", context=context) as (world, finish),
    ):
        registry.publish(THING)
        registry.fails = lambda number: number % 8 < 3
        configuration = resolver(Path(scratch), http_registry(registry.uri), cacheSize=0)
        patience = Patience(sleep=lambda _: None)
        world.enricher = RecordEnricher(Iglu(SCHEMAS, configuration, patience=patience), 1_000_000)
        world.run()
    return finish(world)


def clock_skew() -> Outcome:
    """Set the clock two days back and then two days ahead while a shard is read."""
    with _measured("clock two days back, then two days ahead") as (world, finish):
        now, calls = time.time_ns(), [0]

        def skewed() -> int:
            calls[0] += 1
            return now + (2 if calls[0] % 2 else -2) * 86_400 * 10**9

        with mock.patch.object(pipeline.time, "time_ns", skewed):  # type: ignore[attr-defined]  # the module's own name for it
            world.run()
    return finish(world)


SCENARIOS: tuple[Callable[[], Outcome], ...] = (
    output_throttled,
    output_down_for_minutes,
    killed_between_output_and_checkpoint,
    leases_throttled,
    resharded_under_load,
    registry_down,
    clock_skew,
)


@contextmanager
def _measured(
    fault: str, events: int = _EVENTS, context: dict[str, object] | None = None
) -> Iterator[tuple[World, Callable[[World], Outcome]]]:
    started = time.monotonic()

    def finish(world: World) -> Outcome:
        return outcome(fault, world.sent, world.written(), time.monotonic() - started)

    with KinesisStandIn() as outputs:
        yield World(outputs, events, context), finish
