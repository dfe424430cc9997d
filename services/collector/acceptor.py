"""Answers requests: each after its records are in the sinks, or refused before."""

import asyncio
from collections.abc import Sequence
from time import perf_counter

from services.collector.config.settings import Collector
from services.collector.record import size
from services.collector.request.messages import Deferred, Request, Response
from services.collector.routes.routing import Routes
from services.collector.sink.buffer import Batch, Sink
from services.collector.telemetry.metrics import RequestMetrics

_BUSY = Response.of(503, [("Retry-After", "5")])


class Acceptor:
    """Handles every request of a worker."""

    def __init__(self, config: Collector, good: Sink, bad: Sink, metrics: RequestMetrics) -> None:
        self._answer = Routes(config, lambda: good.is_healthy and bad.is_healthy).answer
        self._good = good
        self._bad = bad
        self._is_durable = config.durable
        self._observe = metrics.observe
        self._limits = size.Limits(
            config.streams.good.max_bytes, config.streams.bad.max_bytes, config.networking.max_payload_size
        )

    def handle(self, request: Request) -> Response | Deferred:
        """Return the response; 503 when the sinks are full, so that the tracker keeps its events and tries again.

        Deferred in durable mode, until Kinesis has the records; and while Kinesis fails, until the disk has them.
        """
        started = perf_counter()
        answer = self._answer(request)
        response, record = answer.response, answer.record
        if record is None:
            return response
        good, bad = self._good, self._bad
        if good.is_full or bad.is_full or (self._is_durable and (good.is_failing or bad.is_failing)):
            response = _BUSY
        else:
            batches = self._put(record, answer.key)
            if self._is_durable or good.is_spilling or bad.is_spilling:
                return self._defer(request, response, batches, started)
        self._observe(request.method, response.head, perf_counter() - started)
        return response

    def _put(self, record: bytes, key: bytes) -> Sequence[Batch]:
        if len(record) < self._limits.good:
            return (self._good.put(key, record),)
        records = size.fit(record, self._limits)
        batches = [self._good.put(key, each) for each in records.good]
        return batches + [self._bad.put(key, each) for each in records.bad]

    def _defer(self, request: Request, response: Response, batches: Sequence[Batch], started: float) -> Deferred:
        stored: asyncio.Future[None]
        if len(batches) == 1:
            stored = batches[0].stored()
        else:
            stored = asyncio.ensure_future(_all([batch.stored() for batch in batches]))
        method, head = request.method, response.head
        stored.add_done_callback(lambda _: self._observe(method, head, perf_counter() - started))
        return Deferred(response, stored)


async def _all(futures: Sequence[asyncio.Future[None]]) -> None:
    await asyncio.gather(*futures)
