"""The workers' samples together: sums survive a worker's death, and Prometheus reads them."""

import asyncio
import shutil
import subprocess

import pytest

from services.collector.config.settings import Collector
from services.collector.http.connections import Connections, Limits
from services.collector.request.messages import Response
from services.collector.sink.buffer import Sink
from services.collector.sink.credentials import CredentialProvider
from services.collector.sink.kinesis import Kinesis
from services.collector.telemetry.exposition import Totals, text
from services.collector.telemetry.metrics import PREFIX, RequestMetrics, Samples, of_connections, of_sink

COUNT = 'snowplow_collector_requests_count_total{method="GET",status_code="200",status_bucket="2xx"}'
HELD = 'snowplow_collector_sink_held_bytes{stream="good"}'


def test_counters_of_a_dead_worker_are_kept_and_its_gauges_dropped() -> None:
    totals = Totals()
    totals.update(0, {COUNT: 3, HELD: 100})
    totals.update(1, {COUNT: 4, HELD: 10})
    assert totals.samples() == {COUNT: 7, HELD: 110}
    totals.end(0)
    assert totals.samples() == {COUNT: 7, HELD: 10}
    totals.update(0, {COUNT: 1, HELD: 5})
    totals.update(0, {COUNT: 2, HELD: 6})
    assert totals.samples() == {COUNT: 9, HELD: 16}


def test_requests_are_counted_by_method_and_status_with_their_latency() -> None:
    metrics = RequestMetrics()
    for seconds in (0.0002, 0.003, 40):
        metrics.observe(b"POST", b"HTTP/1.1 200 OK\r\n", seconds)
    metrics.observe(b"GET", b"HTTP/1.1 503 Service Unavailable\r\n", 0.1)
    samples = metrics.samples()
    labels = 'method="POST",status_code="200",status_bucket="2xx"'
    assert samples[f"snowplow_collector_requests_count_total{{{labels}}}"] == 3
    buckets = {
        bound: samples[f'snowplow_collector_requests_latency_seconds_bucket{{{labels},le="{bound}"}}']
        for bound in ("0.0001", "0.00025", "0.005", "30.0", "+Inf")
    }
    assert buckets == {"0.0001": 0, "0.00025": 1, "0.005": 2, "30.0": 2, "+Inf": 3}
    assert samples[f"snowplow_collector_requests_latency_seconds_sum{{{labels}}}"] == 40.0032
    other = 'method="GET",status_code="503",status_bucket="5xx"'
    assert samples[f"snowplow_collector_requests_count_total{{{other}}}"] == 1
    # A bound belongs to its bucket.
    assert samples[f'snowplow_collector_requests_latency_seconds_bucket{{{other},le="0.1"}}'] == 1


def test_prometheus_reads_each_family_once_after_its_type() -> None:
    metrics = RequestMetrics()
    metrics.observe(b"GET", b"HTTP/1.1 200 OK\r\n", 0.1)
    metrics.observe(b"POST", b"HTTP/1.1 200 OK\r\n", 0.1)
    lines = text({HELD: 5.0, **metrics.samples()}).decode().splitlines()
    types = [line for line in lines if line.startswith("# TYPE ")]
    assert types == [
        "# TYPE snowplow_collector_requests_count_total counter",
        "# TYPE snowplow_collector_requests_latency_seconds histogram",
        "# TYPE snowplow_collector_sink_held_bytes gauge",
    ]
    family = ""
    for line in lines:
        if line.startswith("# TYPE "):
            family = line.split(" ")[2]
        elif not line.startswith("# HELP "):
            assert line.startswith(family)
    assert f"{HELD} 5.0" in lines


def every_sample(config: Collector) -> Samples:
    """Return the samples of a worker and of its parent."""

    async def collect() -> Samples:
        connections = Connections(lambda _: Response.of(200), Limits())
        sink = Sink(config.streams.good, Kinesis("http://h", "eu-west-1", CredentialProvider()), None, 1)
        metrics = RequestMetrics()
        metrics.observe(b"GET", b"HTTP/1.1 200 OK\r\n", 0.1)
        return metrics.samples() | of_connections(connections) | of_sink("good", sink)

    return asyncio.run(collect()) | {f"{PREFIX}spill_bytes": 1, f"{PREFIX}spill_segments": 1}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_accepts_every_sample(config: Collector) -> None:
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text(every_sample(config)), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_every_sample_of_a_worker_is_rendered(config: Collector) -> None:
    samples = every_sample(config)
    rendered = [line for line in text(samples).decode().splitlines() if not line.startswith("#")]
    read = {sample: float(value) for sample, _, value in (line.rpartition(" ") for line in rendered)}
    assert {name_and_labels(sample): value for sample, value in read.items()} == {
        name_and_labels(sample): value for sample, value in samples.items()
    }


def name_and_labels(sample: str) -> tuple[str, frozenset[str]]:
    name, _, labels = sample.partition("{")
    return name, frozenset(filter(None, labels.rstrip("}").split(",")))
