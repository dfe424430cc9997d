"""Faults shown on LocalStack: two instances of the fleet, one killed, while shards are split and merged."""

import signal
import time

from scripts.faults.outcome import Outcome, outcome
from services.enricher.leases import SHARD_END
from tests.fixtures.enricher_processes import Environment

# A batch is at most this many requests of two events; a killed instance leaves one a shard unfinished.
BATCH_EVENTS = 2 * 50


def polling_killed(environment: Environment) -> Outcome:
    """Kill the only reader in the middle of a batch, and start another."""
    started = time.monotonic()
    sent = set(environment.send(1_000))
    process = environment.start("polling")
    environment.wait(lambda: len(environment.good()) > 200)
    process.kill()
    process.wait()
    environment.start("polling")
    environment.wait(lambda: sent <= set(environment.good()))
    return outcome("polling: SIGKILL in mid-batch", sent, environment.good().elements(), time.monotonic() - started)


def worker_joins_and_one_is_killed(environment: Environment) -> Outcome:
    """Take over from the polling source, let a second instance join, and kill the first in mid-batch."""
    started = time.monotonic()
    sent = set(environment.send(300))
    alone = environment.start("polling")
    environment.wait(lambda: len(environment.leases("checkpoint")) == 2)
    alone.send_signal(signal.SIGTERM)
    alone.wait()
    first = environment.start("kcl")
    environment.wait(lambda: len(environment.leases("leaseOwner")) > 0)
    environment.start("kcl")
    environment.wait(lambda: len(set(environment.leases("leaseOwner").values())) == 2)
    before = len(environment.good())
    sent |= set(environment.send(2_000))
    environment.wait(lambda: len(environment.good()) > before + 200)
    first.kill()
    first.wait()
    environment.wait(lambda: sent <= set(environment.good()))
    ids = environment.good().elements()
    return outcome("fleet of two: SIGKILL of one in mid-batch", sent, ids, time.monotonic() - started)


def resharded_and_stopped(environment: Environment) -> Outcome:
    """With the instance that is left: split a shard under load, merge its children, and stop it in order."""
    started = time.monotonic()
    raw = f"{environment.prefix}-raw"
    before = set(environment.good())
    sent = before | set(environment.send(300))
    parent = min(environment.leases("checkpoint"))
    environment.reshard(
        lambda: environment.kinesis.split_shard(StreamName=raw, ShardToSplit=parent, NewStartingHashKey=str(2**126))
    )
    sent |= set(environment.send(300))
    left, right = [
        shard["ShardId"]
        for shard in environment.kinesis.list_shards(StreamName=raw)["Shards"]
        if shard.get("ParentShardId") == parent
    ]
    environment.wait(lambda: {left, right} <= set(environment.leases("leaseOwner")))
    environment.reshard(
        lambda: environment.kinesis.merge_shards(StreamName=raw, ShardToMerge=left, AdjacentShardToMerge=right)
    )
    sent |= set(environment.send(300))
    environment.wait(lambda: sent <= set(environment.good()))
    environment.wait(lambda: environment.leases("checkpoint").get(left, SHARD_END) == SHARD_END)
    last = environment.processes[-1]
    last.send_signal(signal.SIGTERM)
    if code := last.wait(60):
        raise RuntimeError(f"the fleet's instance ended with {code}: {environment.log.read_text()[-2000:]}")
    new = (event for event in environment.good().elements() if event not in before)
    return outcome("fleet: split and merge under load, then SIGTERM", sent - before, new, time.monotonic() - started)
