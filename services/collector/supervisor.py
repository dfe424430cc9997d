"""The parent: listens, starts one worker for each core and another for one that died, sums their counts, stops them.

Each worker has a listening socket of its own on the shared port; the kernel spreads the connections. The parent keeps
the sockets open, so that connections wait in the queue of a worker that has died until the next one takes them.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

import msgspec

from services.collector import VERSION
from services.collector.config.settings import Collector
from services.collector.errors import Failure
from services.collector.http.listener import listen
from services.collector.telemetry.exposition import Totals
from services.collector.telemetry.metrics import Samples
from services.collector.telemetry.metrics_server import MetricsServer

_RESTARTS, _RESTART_SECONDS = 10, 60  # more in that time, and the whole process is better started anew
_LINE_BYTES = 1024 * 1024
_WORKER = [sys.executable, "-m", "services.collector.worker"]

_log = logging.getLogger(__name__)
_decode = msgspec.json.Decoder(Samples).decode


class TooManyRestartsError(Exception):
    """Workers die again and again."""


class Supervisor:
    """Runs the workers of one configuration."""

    def __init__(self, config: Collector, file: Path) -> None:
        self._config = config
        self._file = file
        self._count = config.workers or os.process_cpu_count() or 1
        self._totals = Totals()
        self._processes: dict[int, asyncio.subprocess.Process] = {}
        self._deaths: deque[float] = deque(maxlen=_RESTARTS)
        self._serving: set[int] = set()  # workers that have answered their parent at least once
        self._port = 0
        self._stopping = asyncio.Event()
        self._is_hopeless = False
        self._listeners: list[socket.socket] = []

    async def run(self) -> bool:
        """Serve until SIGTERM or SIGINT; return whether every worker ended with all that it accepted in the streams.

        Raises OSError when it cannot listen, TooManyRestartsError when workers die again and again.
        """
        loop = asyncio.get_running_loop()
        self._listeners = listeners = _listen(self._config.interface, self._config.port, self._count)
        settings = self._config.metrics
        metrics = await MetricsServer.start(settings, self._config.spill, self._totals) if settings else None
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        self._port = listeners[0].getsockname()[1]
        try:
            ended = await asyncio.gather(*(self._keep(worker, each) for worker, each in enumerate(listeners)))
        finally:
            self._close()
            if metrics is not None:
                await metrics.close()
        if self._is_hopeless:
            raise TooManyRestartsError
        return all(ended)

    def _stop(self) -> None:
        self._stopping.set()
        for worker, process in self._processes.items():
            self._stop_worker(worker, process)

    def _stop_worker(self, worker: int, process: asyncio.subprocess.Process) -> None:
        """Ask a worker to stop. Only the worker listens from now on, so later connections are refused when it ends."""
        self._listeners[worker].close()
        # Not by a signal: that would end one that has just begun before it has replayed what is on disk.
        if process.stdin is not None:
            process.stdin.close()

    def _close(self) -> None:
        for listener in self._listeners:
            listener.close()

    async def _keep(self, worker: int, listener: socket.socket) -> bool:
        """Run a worker, and another when it has died; return whether the last one ended as it should.

        When asked to stop before the next one runs, run it all the same: it serves the connections in the dead one's
        queue, and puts into the streams what the dead one left on disk.
        """
        while True:
            code = await self._run(worker, listener)
            if self._stopping.is_set():
                if code:
                    _log.error("%s", Failure.WORKER_LOST.line(worker=worker, code=code))
                return code == 0
            now = time.monotonic()
            _log.error("worker %d ended with %d: starting another", worker, code)
            if len(self._deaths) == _RESTARTS and now - self._deaths[0] < _RESTART_SECONDS:
                self._is_hopeless = True
                self._stop()
                return False
            self._deaths.append(now)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), 0.1 * len(self._deaths))

    def _note_serving(self, worker: int) -> None:
        """Log once that requests are answered: a worker's first line comes when it accepts connections."""
        if len(self._serving) < self._count:
            self._serving.add(worker)
            if len(self._serving) == self._count:
                _log.info("collector %s serves port %d with %d workers", VERSION, self._port, self._count)

    async def _run(self, worker: int, listener: socket.socket) -> int:
        process = await asyncio.create_subprocess_exec(
            *_WORKER, str(self._file), str(listener.fileno()), str(self._count), pass_fds=[listener.fileno()],
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LINE_BYTES,
        )  # fmt: skip
        self._processes[worker] = process
        if self._stopping.is_set():
            self._stop_worker(worker, process)
        assert process.stdout is not None  # noqa: S101  # it is a pipe, which the types do not say
        async for line in process.stdout:
            if line.endswith(b"\n"):
                self._totals.update(worker, _decode(line))
                self._note_serving(worker)
        code = await process.wait()
        del self._processes[worker]
        self._totals.end(worker)
        return code


def _listen(interface: str, port: int, count: int) -> list[socket.socket]:
    """Return as many sockets on the one port. Raises OSError, also when another collector shares the port."""
    if count > 1:
        # Without this two collectors of one user could share a port, and each would see half of the requests.
        listen(interface, port).close()
    first = listen(interface, port, shares_port=count > 1)
    port = first.getsockname()[1]
    return [first, *(listen(interface, port, shares_port=True) for _ in range(count - 1))]
