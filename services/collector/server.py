"""One collector process: what answers requests, from the first connection to the last record."""

import asyncio
import logging
import signal

from services.collector import VERSION, sink, size
from services.collector.config import Collector
from services.collector.connections import Connections, limits_of
from services.collector.defects import log_defect
from services.collector.messages import Request, Response
from services.collector.pages import hsts_line
from services.collector.protocol import HttpProtocol
from services.collector.routes import Routes
from services.collector.sink import Record, Sink

_BUSY = Response.of(503, [("Retry-After", "5")])
_log = logging.getLogger(__name__)


class Acceptor:
    """Answers a request after its records are in the sinks, or refuses it before."""

    def __init__(self, config: Collector, good: Sink, bad: Sink) -> None:
        self._routes = Routes(config, lambda: good.is_healthy and bad.is_healthy)
        self._good = good
        self._bad = bad
        self._limits = size.Limits(
            config.streams.good.max_bytes, config.streams.bad.max_bytes, config.networking.max_payload_size
        )

    def handle(self, request: Request) -> Response:
        """Return the response; 503 when the sinks are full, so that the tracker keeps its events and tries again."""
        response, record, key = self._routes.answer(request)
        if record is None:
            return response
        if self._good.is_full or self._bad.is_full:
            return _BUSY
        if len(record) < self._limits.good:
            self._good.put(Record(key.decode(), record))
            return response
        records = size.fit(record, self._limits)
        for each in records.good:
            self._good.put(Record(key.decode(), each))
        for each in records.bad:
            self._bad.put(Record(key.decode(), each))
        return response


async def serve(config: Collector) -> None:
    """Serve until SIGTERM or SIGINT, then for the pre-termination period, then write what is left. Raises OSError."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_log_loop_defect)
    termination = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, termination.set)
    streams = (config.streams.good, config.streams.bad)
    clients = [sink.client(stream.region) for stream in streams]
    sinks = [Sink(stream, client) for stream, client in zip(streams, clients, strict=True)]
    try:
        lines = hsts_line(config.hsts)
        connections = Connections(Acceptor(config, *sinks).handle, limits_of(config.networking), lines)
        server = await loop.create_server(
            lambda: HttpProtocol(connections), config.interface, config.port, backlog=1024
        )
        _log.info("collector %s serves port %d", VERSION, config.port)
        expiry = asyncio.create_task(connections.expire())
        await termination.wait()
        _log.info("asked to stop: serving %g more seconds", config.pre_termination_period)
        await asyncio.sleep(config.pre_termination_period)
        server.close()
        await connections.drain()
        expiry.cancel()
    finally:
        for each in sinks:
            await asyncio.to_thread(each.close)
    _log.info("stopped: everything accepted is in the streams")


def _log_loop_defect(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    error = context.get("exception")
    if isinstance(error, BaseException):
        log_defect("a connection failed", error)
