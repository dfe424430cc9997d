"""Faults shown on LocalStack: two instances of the fleet, one killed, while shards are split and merged."""

import signal
import time

from tests.fixtures.enricher_processes import Environment
from tools.faults.outcome import Outcome, outcome

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


def one_leaves_and_shards_change(environment: Environment) -> Outcome:
    """Replace the instance that is left by another, in order; split a shard under load and merge its children."""
    started = time.monotonic()
    raw = f"{environment.prefix}-raw"
    before = set(environment.good())
    leaving = environment.processes[-1]
    owners = set(environment.leases("leaseOwner").values())
    environment.start("kcl")
    leaving.send_signal(signal.SIGTERM)
    sent = before | set(environment.send(300))
    if code := leaving.wait(60):
        raise RuntimeError(f"the instance ended with {code}: {environment.log.read_text()[-2000:]}")
    environment.wait(lambda: not owners & set(environment.leases("leaseOwner").values()))
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
    new = (event for event in environment.good().elements() if event not in before)
    return outcome("fleet: SIGTERM of one, split and merge under load", sent - before, new, time.monotonic() - started)
