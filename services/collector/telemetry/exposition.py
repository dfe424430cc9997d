"""The workers' samples together, and Prometheus's text format 0.0.4 of them."""

import re
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Metric, generate_latest

from services.collector.telemetry.metrics import PREFIX, Samples

_ADDS_UP = ("_total", "_count", "_sum", "_bucket")
_LABEL = re.compile(r'(\w+)="([^"]*)"')

_HELP = {
    "requests_count": "Requests of the event routes that left a record or were refused for want of room.",
    "requests_latency_seconds": "From a request's last byte to its answer.",
    "responses": "Answers by the class of their status, whatever the route.",
    "active_connections": "Open connections.",
    "active_requests": "Connections with a request that is not answered.",
    "sink_records": "Records that Kinesis took.",
    "sink_calls": "PutRecords calls.",
    "sink_failed_calls": "Calls that failed as a whole.",
    "sink_refused_records": "Records that Kinesis refused in a call that it answered; they are tried again.",
    "sink_spilled_records": "Records that went to disk while Kinesis failed.",
    "sink_held_bytes": "Bytes in memory that are not stored yet.",
    "sink_unhealthy_workers": "Workers whose stream takes no records.",
    "spill_bytes": "Bytes of all spilled segments.",
    "spill_segments": "Spilled segments on disk.",
}


class Totals:
    """Sums over workers. What a worker had counted when it ended stays in the sums; what it held does not."""

    def __init__(self) -> None:
        self._ended: Samples = {}
        self._latest: dict[int, Samples] = {}

    def update(self, worker: int, samples: Samples) -> None:
        """Take a worker's current samples."""
        self._latest[worker] = samples

    def end(self, worker: int) -> None:
        """Keep the counts of a worker that ended."""
        for sample, value in self._latest.pop(worker, {}).items():
            if _adds_up(sample):
                self._ended[sample] = self._ended.get(sample, 0) + value

    def samples(self) -> Samples:
        """Return each sample's sum."""
        total = dict(self._ended)
        for samples in self._latest.values():
            for sample, value in samples.items():
                total[sample] = total.get(sample, 0) + value
        return total

    def of_each(self, sample: str) -> list[float]:
        """Return a sample of each worker that has it."""
        return [samples[sample] for samples in self._latest.values() if sample in samples]


class _Families:
    """The samples as prometheus_client collects them."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for sample, value in self._samples.items():
            name = _name(sample)
            family, kind = _family(name)
            metric = families.setdefault(family, Metric(family, _HELP[family.removeprefix(PREFIX)], kind))
            metric.add_sample(name, dict(_LABEL.findall(sample)), value)
        yield from (families[family] for family in sorted(families))


def text(samples: Samples) -> bytes:
    """Render samples for Prometheus, those of one family together, after what it counts and its type."""
    registry = CollectorRegistry()
    registry.register(_Families(samples))
    return generate_latest(registry)


def _name(sample: str) -> str:
    return sample.partition("{")[0]


def _family(name: str) -> tuple[str, str]:
    """Return the family that a sample's name belongs to, and its type."""
    for suffix in ("_bucket", "_sum", "_count"):
        if name.endswith(suffix):
            return name.removesuffix(suffix), "histogram"
    return (name.removesuffix("_total"), "counter") if name.endswith("_total") else (name, "gauge")


def _adds_up(sample: str) -> bool:
    return _name(sample).endswith(_ADDS_UP)
