"""The workers' samples together: Prometheus's text format 0.0.4, and CloudWatch's embedded metric format."""

import re
import time
from collections.abc import Mapping

import msgspec

from services.collector.telemetry.metrics import PREFIX, Samples
from wire.embedded_metrics import directive

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ADDS_UP = ("_total", "_count", "_sum", "_bucket")
_NAME = re.compile(r"[a-z_]+")
_ONE_LABEL = re.compile(r'\{(stream|status_bucket)="(\w+)"\}')


class Totals:
    """Sums over workers. What a worker had counted when it ended stays in the sums; what it held does not."""

    def __init__(self) -> None:
        self._ended: Samples = {}
        self._latest: dict[int, Samples] = {}
        self._last_minute: Samples = {}

    def update(self, worker: int, samples: Samples) -> None:
        """Take what a worker says now."""
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

    def embedded(self, more: Mapping[str, float], now: float | None = None) -> bytes:
        """Return a line for CloudWatch: what was counted since the last such line, and what is held now."""
        current = self.samples() | dict(more)
        values: Samples = {}
        for sample, value in current.items():
            if "_bucket{" in sample:
                continue
            since = value - self._last_minute.get(sample, 0) if _adds_up(sample) else value
            values[_metric(sample)] = values.get(_metric(sample), 0) + since
        self._last_minute = current
        milliseconds = int((time.time() if now is None else now) * 1000)
        header = directive("Snowveil/Collector", [], dict.fromkeys(values), milliseconds)
        return msgspec.json.encode({"_aws": header, **values})


def text(samples: Samples) -> bytes:
    """Render samples for Prometheus, those of one name together, after their type."""
    lines: list[str] = []
    previous = ""
    for sample in sorted(samples, key=lambda sample: (_family(sample)[0],)):
        family, kind = _family(sample)
        if family != previous:
            lines.append(f"# TYPE {family} {kind}")
            previous = family
        lines.append(f"{sample} {samples[sample]:.17g}")
    return ("\n".join(lines) + "\n").encode()


def _name(sample: str) -> str:
    match = _NAME.match(sample)
    return match[0] if match else sample


def _family(sample: str) -> tuple[str, str]:
    name = _name(sample)
    for suffix in ("_bucket", "_sum", "_count"):
        if name.endswith(suffix):
            return name.removesuffix(suffix), "histogram"
    return name, "counter" if name.endswith("_total") else "gauge"


def _adds_up(sample: str) -> bool:
    return _name(sample).endswith(_ADDS_UP)


def _metric(sample: str) -> str:
    """Name a CloudWatch metric: a stream or a class of status is part of the name, other labels are summed over."""
    label = _ONE_LABEL.search(sample)
    name = _name(sample).removeprefix(PREFIX).removesuffix("_total")
    if label is None:
        return name
    return f"{label[2]}_{name}" if label[1] == "stream" else f"{name}_{label[2]}"
