"""The workers' samples as a line of CloudWatch's embedded metric format, each minute.

Names, units and dimensions are those of monitoring/metrics.yaml. CloudWatch has no labels: a stream or a class of
status is part of the name, a method is summed over, and the histogram becomes two quantiles, because no alarm of ours
divides.
"""

import re
import time

import msgspec

from services.collector.telemetry.exposition import Totals
from services.collector.telemetry.metrics import PREFIX, Samples, at_most
from wire.embedded_metrics import directive

_STREAMS = ("good", "bad")
_SINK_COUNTS = ("records", "calls", "failed_calls", "refused_records", "spilled_records")
_MOST_VALUES = 100  # of one metric in a line, by Amazon's specification
_CLASSES = ("2xx", "3xx", "4xx", "5xx")
_BUCKET = re.compile(r'requests_latency_seconds_bucket\{.*,le="([^"]+)"\}$')


class Report:
    """The lines; counts are those since the line before."""

    def __init__(self, totals: Totals) -> None:
        self._totals = totals
        self._before: Samples = {}

    def line(self, on_disk: Samples, now: float | None = None) -> bytes:
        """Return one JSON object, without a newline; `on_disk` is what all workers together have there."""
        current = self._totals.samples()
        since = {sample: value - self._before.get(sample, 0) for sample, value in current.items()}
        self._before = current
        counts = _requests(since) | {
            f"{stream}_sink_{name}": since.get(f'{PREFIX}sink_{name}_total{{stream="{stream}"}}', 0)
            for stream in _STREAMS
            for name in _SINK_COUNTS
        }
        counts |= {name: current.get(f"{PREFIX}{name}", 0) for name in ("active_connections", "active_requests")}
        values: dict[str, tuple[float | list[float], str]] = {name: (value, "Count") for name, value in counts.items()}
        for quantile, millis in _latency(since).items():
            values[quantile] = (millis, "Milliseconds")
        for stream in _STREAMS:
            # A value for each process: in a sum one that is full, or writes nothing, would not show.
            for name, unit in (("held_bytes", "Bytes"), ("unhealthy_workers", "Count")):
                if each := self._totals.of_each(f'{PREFIX}sink_{name}{{stream="{stream}"}}'):
                    values[f"{stream}_sink_{name}"] = (sorted(each)[-_MOST_VALUES:], unit)
        for sample, value in on_disk.items():
            name = sample.removeprefix(PREFIX)
            values[name] = (value, "Bytes" if name.endswith("_bytes") else "Count")
        milliseconds = int((time.time() if now is None else now) * 1000)
        units = {name: unit for name, (_, unit) in values.items()}
        header = directive("Snowveil/Collector", [], units, milliseconds)
        return msgspec.json.encode({"_aws": header, **{name: value for name, (value, _) in values.items()}})


def _requests(since: Samples) -> dict[str, float]:
    """Return the requests of the event routes, together and by class of status, and the answers of all routes."""
    found = dict.fromkeys(("requests_count", *(f"requests_{each}" for each in _CLASSES)), 0.0)
    for sample, value in since.items():
        if sample.startswith(f"{PREFIX}requests_count_total{{"):
            found["requests_count"] += value
            for each in _CLASSES:
                if f'status_bucket="{each}"' in sample:
                    found[f"requests_{each}"] += value
    for each in _CLASSES:
        found[f"responses_{each}"] = since.get(f'{PREFIX}responses_total{{status_bucket="{each}"}}', 0)
    return found


def _latency(since: Samples) -> dict[str, float]:
    """Return quantiles in milliseconds, each the bound of the bucket that it is in; none without a request."""
    buckets: dict[float, float] = {}
    for sample, value in since.items():
        if bucket := _BUCKET.search(sample):
            bound = float(bucket[1])
            buckets[bound] = buckets.get(bound, 0) + value
    if not buckets or not max(buckets.values()):
        return {}
    return {f"latency_p{share}_millis": at_most(buckets, share / 100) * 1000 for share in (50, 99)}
