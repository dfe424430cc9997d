"""How the numbers of metrics.py are published: health and Prometheus' text on a port, CloudWatch's format in the log.

The report is CloudWatch's embedded metric format: one JSON line a minute on standard output, from which CloudWatch Logs
makes metrics. What has a name of its own (schema, enrichment) is in it as a property: a metric each would be paid each.
"""

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from services.enricher.config import Config, HealthProbe
from wire.embedded_metrics import directive

_log = logging.getLogger(__name__)
_PERIOD_SECONDS = 60.0
_PREFIX = "snowplow_enrich_"
_COUNTS = (
    "raw", "payloads", "good", "bad", "failed", "dropped", "invalid_enriched",
    "registry_unavailable", "registry_refused", "patterns_unchecked",
)  # fmt: skip
_MILLIS = ("latency_millis", "e2e_latency_millis", "iterator_age_millis")
_NAMED = {"schema_failures": "schema", "enrichment_seconds": "enrichment"}


def registry(directory: Path | None) -> CollectorRegistry:
    """Return the numbers of this process, or of all that share theirs in a directory."""
    if directory is None:
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared, str(directory))  # type: ignore[no-untyped-call]  # its own gap
    return shared


@contextmanager
def serve(settings: Config, numbers: CollectorRegistry) -> Iterator[None]:
    """Answer on the health probe's port, if there is one, and report, as long as the block lasts. Raises OSError."""
    stop = Event()
    reporter = Thread(target=_report_until, args=(stop, Report(settings.input.app_name, numbers)), name="report")
    probe = settings.monitoring.health_probe
    answering = server(probe, numbers) if probe else None
    if answering:
        Thread(target=answering.serve_forever, args=(0.5,), name="health", daemon=True).start()
    reporter.start()
    try:
        yield
    finally:
        stop.set()
        reporter.join()
        if answering:
            answering.shutdown()
            answering.server_close()


def stalled_seconds(numbers: CollectorRegistry) -> float:
    """Return since when the slowest process has its batch in hand, 0 when none has one."""
    started = [value for name, _, value in _samples(numbers) if name == "batch_since_seconds" and value]
    return max(0.0, time.time() - min(started)) if started else 0.0


class Report:
    """The lines of the log; counts are those since the line before."""

    def __init__(self, application: str, numbers: CollectorRegistry) -> None:
        self._application = application
        self._numbers = numbers
        self._before: dict[tuple[str, str], float] = {}

    def line(self) -> bytes:
        """Return one JSON object and a newline."""
        metrics: dict[str, float] = {}
        named: dict[str, dict[str, float]] = {name: {} for name in _NAMED}
        for sample, labels, value in _samples(self._numbers):
            name = sample.removesuffix("_total")
            if name in _MILLIS:
                metrics[name] = value
            elif name in _COUNTS:
                metrics[name] = self._since(name, "", value)
            elif name in _NAMED and sample.endswith("_total"):
                label = labels[_NAMED[name]]
                if since := self._since(name, label, value):
                    named[name][label] = round(since, 3)
        if "latency_millis" in metrics:
            metrics["latency_millis"] = max(metrics["latency_millis"], stalled_seconds(self._numbers) * 1000)
        units = {name: "Count" if name in _COUNTS else "Milliseconds" for name in metrics}
        header = directive("Snowveil/Enricher", ["application"], units, time.time_ns() // 1_000_000)
        return msgspec.json.encode({"_aws": header, "application": self._application, **metrics, **named}) + b"\n"

    def _since(self, name: str, label: str, value: float) -> float:
        before = self._before.get((name, label), 0.0)
        self._before[name, label] = value
        return value - before


def _samples(numbers: CollectorRegistry) -> Iterator[tuple[str, dict[str, str], float]]:
    for family in numbers.collect():
        for sample in family.samples:
            if sample.name.startswith(_PREFIX):
                yield sample.name.removeprefix(_PREFIX), sample.labels, sample.value


def _report_until(stop: Event, report: Report) -> None:
    ended = False
    while not ended:
        ended = stop.wait(_PERIOD_SECONDS)
        sys.stdout.buffer.write(report.line())
        sys.stdout.buffer.flush()


def server(probe: HealthProbe, numbers: CollectorRegistry) -> ThreadingHTTPServer:
    """Listen: `GET /metrics` is Prometheus' text, any other answer 200 or 503 and empty. Raises OSError."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(HTTPStatus.OK, generate_latest(numbers))
            elif stalled_seconds(numbers) < probe.unhealthy_seconds:
                self._answer(HTTPStatus.OK)
            else:
                self._answer(HTTPStatus.SERVICE_UNAVAILABLE)

        def _answer(self, status: HTTPStatus, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Type", CONTENT_TYPE_LATEST)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it
            """Say nothing of each question."""

    return ThreadingHTTPServer(("", probe.port), Handler)
