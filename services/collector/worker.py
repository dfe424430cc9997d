"""One worker: a process that serves one listening socket, from the first connection to the last record.

services.collector.supervisor starts it as `python -m services.collector.worker CONFIG FD WORKERS`. It prints each
second on standard output what it has counted, and stops on SIGTERM or when its standard input ends: then its parent is
gone.
"""

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec
import uvloop

from services.collector.acceptor import Acceptor
from services.collector.config.file import load
from services.collector.config.machine import allow_connections
from services.collector.config.settings import Collector, Stream
from services.collector.defects import log_defect
from services.collector.http.connections import Connections, limits_of
from services.collector.http.protocol import HttpProtocol
from services.collector.routes.pages import hsts_line
from services.collector.sink.buffer import MAX_HELD_BYTES, Sink
from services.collector.sink.credentials import CredentialProvider
from services.collector.sink.kinesis import Kinesis
from services.collector.sink.replay import Replay
from services.collector.sink.spill import Spill
from services.collector.telemetry import logs, metrics

_log = logging.getLogger(__name__)


class _Storage:
    """The sinks of a worker, and what runs beside them."""

    def __init__(self, config: Collector, credentials: CredentialProvider, workers: int) -> None:
        self.sinks = {}
        self._kinesis = []
        self._replays = []
        work = [credentials.renew_for_ever()]
        for kind, stream in (("good", config.streams.good), ("bad", config.streams.bad)):
            endpoint = stream.custom_endpoint or credentials.endpoint(stream.region)
            kinesis = Kinesis(endpoint.rstrip("/"), stream.region, credentials)
            spill = _spill(config, stream)
            # In durable mode nothing is acknowledged that could be lost: the disk is only read, for an earlier run's.
            sink = Sink(stream, kinesis, None if config.durable else spill, MAX_HELD_BYTES // workers)
            self.sinks[kind] = sink
            self._kinesis.append(kinesis)
            work.append(sink.check_stream())
            if spill is not None:
                replay = Replay(stream, sink, spill)
                self._replays.append(replay)
                work.append(replay.run())
        self._work = [asyncio.create_task(each) for each in work]

    def is_healthy(self) -> bool:
        """Return whether both streams take records."""
        return all(sink.is_healthy for sink in self.sinks.values())

    async def close(self) -> None:
        """Return when all that was put, and all that waited on disk, is in the streams."""
        for sink in self.sinks.values():
            await sink.close()
        for replay in self._replays:
            await replay.empty()
        for task in self._work:
            task.cancel()
        for kinesis in self._kinesis:
            kinesis.close()


def _spill(config: Collector, stream: Stream) -> Spill | None:
    if config.spill is None:
        return None
    return Spill(Path(config.spill.directory), stream.name, config.spill.max_bytes)


async def serve(config: Collector, listener: socket.socket, workers: int) -> None:
    """Serve until asked to stop, then for the pre-termination period, then write what is left."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_log_loop_defect)
    termination = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, termination.set)
    if not sys.stdin.isatty():
        loop.add_reader(sys.stdin.fileno(), _stop_at_end_of_input, loop, termination)
    credentials = CredentialProvider()
    await credentials.renew()
    storage = _Storage(config, credentials, workers)
    requests = metrics.RequestMetrics()
    acceptor = Acceptor(config, storage.sinks["good"], storage.sinks["bad"], requests)
    limits = replace(limits_of(config.networking), connections=allow_connections(config.networking.max_connections))
    connections = Connections(acceptor.handle, limits, hsts_line(config.hsts))
    server = await loop.create_server(lambda: HttpProtocol(connections), sock=listener, backlog=1024)
    expiry = asyncio.create_task(connections.expire())
    reporting = asyncio.create_task(_report(requests, connections, storage))
    # What is there now lives as long as the process: the collector of cycles need not look at it again.
    gc.collect()
    gc.freeze()
    await termination.wait()
    _log.info("asked to stop: serving %g more seconds", config.pre_termination_period)
    await asyncio.sleep(config.pre_termination_period)
    server.close()
    await connections.drain()
    expiry.cancel()
    await storage.close()
    reporting.cancel()
    with suppress(asyncio.CancelledError):
        await reporting
    _log.info("stopped: everything accepted is in the streams")


def _stop_at_end_of_input(loop: asyncio.AbstractEventLoop, termination: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        loop.remove_reader(sys.stdin.fileno())
        termination.set()


async def _report(requests: metrics.RequestMetrics, connections: Connections, storage: _Storage) -> None:
    """Print a line of samples at once, which says that this worker serves, then each second, and one at the end."""
    is_ending = False
    while True:
        samples = requests.samples() | metrics.of_connections(connections)
        for kind, sink in storage.sinks.items():
            samples |= metrics.of_sink(kind, sink)
        with suppress(OSError):  # the parent is gone
            sys.stdout.buffer.write(msgspec.json.encode(samples) + b"\n")
            sys.stdout.buffer.flush()
        if is_ending:
            return
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            is_ending = True


def _log_loop_defect(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    error = context.get("exception")
    if isinstance(error, BaseException):
        log_defect("a connection failed", error)


if __name__ == "__main__":
    logs.set_up()
    uvloop.run(serve(load(Path(sys.argv[1])), socket.socket(fileno=int(sys.argv[2])), int(sys.argv[3])))
