"""CloudWatch's line: what the catalogue says, counts since the line before, the worst process where a sum hides it."""

import json
from typing import Any

from scripts.monitoring.catalogue import load
from services.collector.telemetry.embedded import Report
from services.collector.telemetry.exposition import Totals
from services.collector.telemetry.metrics import PREFIX, RequestMetrics, Samples

ON_DISK: Samples = {f"{PREFIX}spill_bytes": 7, f"{PREFIX}spill_segments": 1}


def sink(stream: str, records: float = 0, held: float = 0, *, unhealthy: bool = False) -> Samples:
    label = f'{{stream="{stream}"}}'
    counts = dict.fromkeys(("calls", "failed_calls", "refused_records", "spilled_records"), 0.0) | {"records": records}
    return {
        **{f"{PREFIX}sink_{name}_total{label}": value for name, value in counts.items()},
        f"{PREFIX}sink_held_bytes{label}": held,
        f"{PREFIX}sink_unhealthy_workers{label}": int(unhealthy),
    }


def answered(metrics: RequestMetrics, *requests: tuple[int, float]) -> Samples:
    for status, seconds in requests:
        metrics.observe(b"POST", b"HTTP/1.1 %d X\r\n" % status, seconds)
    return metrics.samples()


def line(report: Report, now: float = 1000) -> dict[str, Any]:
    return dict(json.loads(report.line(ON_DISK, now)))


def worker(metrics: RequestMetrics, *requests: tuple[int, float]) -> Samples:
    connections = {f'{PREFIX}responses_total{{status_bucket="{digit}xx"}}': 0.0 for digit in range(2, 6)}
    gauges = {f"{PREFIX}active_connections": 3.0, f"{PREFIX}active_requests": 1.0}
    return answered(metrics, *requests) | connections | gauges | sink("good") | sink("bad")


def test_the_line_says_what_the_catalogue_says() -> None:
    (totals := Totals()).update(0, worker(RequestMetrics(), (200, 0.1)))
    found = line(Report(totals))
    (definition,) = found.pop("_aws")["CloudWatchMetrics"]
    known = {name: metric for (namespace, name), metric in load().items() if namespace == "Snowveil/Collector"}
    assert definition["Namespace"] == "Snowveil/Collector"
    assert {each["Name"]: each["Unit"] for each in definition["Metrics"]} == {
        name: metric.unit for name, metric in known.items()
    }
    assert found.keys() == known.keys()
    for metric in known.values():
        assert metric.dimensions == {frozenset(dimensions) for dimensions in definition["Dimensions"]}, metric.name


def test_counts_are_those_since_the_line_before_and_what_is_held_is_now() -> None:
    totals, metrics = Totals(), RequestMetrics()
    report = Report(totals)
    totals.update(0, answered(metrics, (200, 0.1), (302, 0.1), (503, 0.1)) | sink("good", 3, 100))
    first = line(report)
    totals.update(0, answered(metrics, (200, 0.1)) | sink("good", 4, 90))
    second = line(report, 1060)
    names = ("requests_count", "requests_2xx", "requests_3xx", "requests_5xx", "good_sink_records")
    assert [first[name] for name in names] == [3, 1, 1, 1, 3]
    assert [second[name] for name in names] == [1, 1, 0, 0, 1]
    assert (first["good_sink_held_bytes"], second["good_sink_held_bytes"]) == ([100], [90])
    assert (second["spill_bytes"], second["_aws"]["Timestamp"]) == (7, 1_060_000)


def test_a_full_process_shows_beside_empty_ones() -> None:
    totals = Totals()
    totals.update(0, sink("good", held=90, unhealthy=True))
    for empty in range(1, 150):
        totals.update(empty, sink("good"))
    found = line(Report(totals))
    assert max(found["good_sink_held_bytes"]) == 90
    assert max(found["good_sink_unhealthy_workers"]) == 1
    assert len(found["good_sink_held_bytes"]) == 100


def test_latency_is_of_the_minute_and_of_all_processes() -> None:
    totals, slow, fast = Totals(), RequestMetrics(), RequestMetrics()
    report = Report(totals)
    totals.update(0, answered(slow, *[(200, 0.3)] * 4))
    totals.update(1, answered(fast, *[(200, 0.0002)] * 96))
    first = line(report)
    assert (first["latency_p50_millis"], first["latency_p99_millis"]) == (0.25, 500)
    totals.update(1, answered(fast, (200, 40)))
    second = line(report)
    assert (second["latency_p50_millis"], second["latency_p99_millis"]) == (30_000, 30_000)
    assert "latency_p50_millis" not in line(report)
