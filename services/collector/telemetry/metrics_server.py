"""Serves `/metrics` on a port of its own, and prints a line for CloudWatch each minute."""

import asyncio
import sys
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Self

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from services.collector.config.settings import Metrics, Spill
from services.collector.http.listener import listen
from services.collector.sink.spill import held_bytes
from services.collector.telemetry.embedded import Report
from services.collector.telemetry.exposition import Totals, text
from services.collector.telemetry.metrics import PREFIX, Samples

_REQUEST_SECONDS = 5


class MetricsServer:
    """The parent's small HTTP/1.1 server: one request a connection."""

    def __init__(self, spill: Spill | None, totals: Totals) -> None:
        self._spill = spill
        self._totals = totals
        self._report = Report(totals)
        self._server: asyncio.Server
        self._printing = asyncio.create_task(self._print_each_minute())

    @classmethod
    async def start(cls, settings: Metrics, spill: Spill | None, totals: Totals) -> Self:
        """Listen. Raises OSError."""
        started = cls(spill, totals)
        started._server = await asyncio.start_server(started._answer, sock=listen(settings.interface, settings.port))
        return started

    async def close(self) -> None:
        """Stop, after a last line for CloudWatch."""
        self._server.close()
        self._printing.cancel()
        self._print()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                is_metrics = head.startswith((b"GET /metrics ", b"GET /metrics?"))
                status = HTTPStatus.OK if is_metrics else HTTPStatus.NOT_FOUND
                body = text(self._totals.samples() | self._on_disk()) if is_metrics else b"Not found"
                writer.write(
                    f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {CONTENT_TYPE_PLAIN_0_0_4}\r\n"
                    f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        writer.close()

    def _on_disk(self) -> Samples:
        """Return what all workers together have on disk."""
        if self._spill is None:
            return {}
        size, files = held_bytes(Path(self._spill.directory))
        return {f"{PREFIX}spill_bytes": size, f"{PREFIX}spill_segments": files}

    async def _print_each_minute(self) -> None:
        while True:
            await asyncio.sleep(60)
            self._print()

    def _print(self) -> None:
        sys.stdout.buffer.write(self._report.line(self._on_disk()) + b"\n")
        sys.stdout.buffer.flush()
