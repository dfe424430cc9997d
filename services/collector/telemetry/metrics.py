"""What one worker counts, as Prometheus samples.

Wire contract (docs/reference/wire-contract.md): B.10 Metrics and telemetry.
"""

from bisect import bisect_left
from collections.abc import Mapping
from math import inf

from services.collector.http.connections import Connections
from services.collector.sink.buffer import Sink

PREFIX = "snowplow_collector_"
_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0)

type Samples = dict[str, float]


class RequestMetrics:
    """Counts the requests of the event routes and how long each took, from its last byte to its answer."""

    def __init__(self) -> None:
        self._series: dict[bytes, list[float]] = {}

    def observe(self, method: bytes, head: bytes, seconds: float) -> None:
        """Count one request; `head` is that of its answer."""
        key = method + head[8:12]  # a space and the status
        series = self._series.get(key)
        if series is None:
            # One count for each bound, one for what is slower, and the sum of the seconds.
            series = self._series[key] = [0.0] * (len(_SECONDS) + 2)
        series[bisect_left(_SECONDS, seconds)] += 1
        series[-1] += seconds

    def samples(self) -> Samples:
        """Return the count and the latency's histogram for each method and status."""
        found: Samples = {}
        for key, series in self._series.items():
            method, status = key.decode().split(" ")
            labels = f'method="{method}",status_code="{status}",status_bucket="{status[0]}xx"'
            total = 0.0
            for bound, count in zip((*map(str, _SECONDS), "+Inf"), series, strict=False):
                total += count
                found[f'{PREFIX}requests_latency_seconds_bucket{{{labels},le="{bound}"}}'] = total
            found[f"{PREFIX}requests_latency_seconds_count{{{labels}}}"] = total
            found[f"{PREFIX}requests_latency_seconds_sum{{{labels}}}"] = series[-1]
            found[f"{PREFIX}requests_count_total{{{labels}}}"] = total
        return found


def at_most(buckets: Mapping[float, float], share: float) -> float:
    """Return the seconds within which a share of the requests was answered, to the bound above.

    `buckets` has the requests that took at most so many seconds, by the bound, infinity included. A request that took
    longer than the largest finite bound counts as that: CloudWatch takes no infinity.
    """
    total = buckets[inf]
    bound = min(bound for bound, count in buckets.items() if count >= share * total)
    return min(bound, _SECONDS[-1])


def of_connections(connections: Connections) -> Samples:
    """Return what is open now, and how many answers of each class of status were sent, whatever the route."""
    return {
        **{
            f'{PREFIX}responses_total{{status_bucket="{digit}xx"}}': count
            for digit, count in enumerate(connections.answers)
            if digit > 1
        },
        f"{PREFIX}active_connections": len(connections.all),
        f"{PREFIX}active_requests": connections.active_requests(),
    }


def of_sink(kind: str, sink: Sink) -> Samples:
    """Return a sink's counts; `kind` is good or bad."""
    label = f'{{stream="{kind}"}}'
    counts = sink.counts
    return {
        f"{PREFIX}sink_records_total{label}": counts.records,
        f"{PREFIX}sink_calls_total{label}": counts.calls,
        f"{PREFIX}sink_failed_calls_total{label}": counts.failed_calls,
        f"{PREFIX}sink_refused_records_total{label}": counts.refused_records,
        f"{PREFIX}sink_spilled_records_total{label}": counts.spilled_records,
        f"{PREFIX}sink_held_bytes{label}": sink.held_bytes,
        f"{PREFIX}sink_unhealthy_workers{label}": int(not sink.is_healthy),
    }
