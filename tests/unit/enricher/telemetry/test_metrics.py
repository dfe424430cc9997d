"""What is counted, and that no name in it is chosen by whoever sends events."""

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from threading import Thread

import pytest
from prometheus_client import REGISTRY, generate_latest

from services.enricher.config import HealthProbe
from services.enricher.enrichments.chain import Enrichment, Enrichments
from services.enricher.enrichments.enrichable import Enrichable
from services.enricher.kinesis.interface import Batch, Position
from services.enricher.processing.record_enricher import Outputs
from services.enricher.telemetry import metrics, monitoring
from services.enricher.telemetry.monitoring import Report
from tests.fixtures.enricher import get, outputs, unstruct

CANARY = "alice_example"


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"snowplow_enrich_{name}", labels) or 0.0


def ask(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - the test's own server
        content: bytes = answer.read()
        return content


@pytest.fixture(autouse=True)
def idle() -> Iterator[None]:
    metrics.end()
    yield
    metrics.end()


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_accepts_every_metric() -> None:
    command = ["promtool", "check", "metrics"]
    done = subprocess.run(command, input=generate_latest(REGISTRY), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_records_and_what_became_of_them_are_counted() -> None:
    before = [value(f"{name}_total") for name in ("raw", "good", "bad")]
    made = Outputs()
    made.good += outputs(get()).good
    made.bad += outputs(b"nonsense").bad
    metrics.count(2, made)
    assert [value(f"{name}_total") for name in ("raw", "good", "bad")] == [
        each + n for each, n in zip(before, (2, 1, 1), strict=True)
    ]


def test_a_schema_that_refuses_is_named_and_one_that_no_registry_knows_is_not() -> None:
    click = "iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1"
    refused = outputs(get(e="ue", ue_pr=unstruct({"schema": click, "data": {"targetUrl": 1}}))).bad
    unknown = outputs(get(e="ue", ue_pr=unstruct({"schema": f"iglu:{CANARY}/x/jsonschema/1-0-0", "data": {}}))).bad
    assert CANARY in unknown[0].decode()
    before = value("schema_failures_total", schema=click), value("schema_failures_total", schema="unresolved")
    metrics.count(2, Outputs(bad=refused + unknown))
    assert value("schema_failures_total", schema=click) == before[0] + 1
    assert value("schema_failures_total", schema="unresolved") == before[1] + 1
    assert CANARY not in Report("app", REGISTRY).line().decode()


def test_no_age_is_negative_whatever_the_clocks_say() -> None:
    metrics.begin(Batch([b""], Position("s-0", "1"), arrived=int(time.time() * 1000) + 86_400_000, behind=7))
    assert value("latency_millis") == 0
    assert value("iterator_age_millis") == 7


def test_time_in_an_enrichment_is_noted_under_its_name_also_when_it_fails() -> None:
    def broken(_: Enrichable) -> None:
        raise KeyError

    step = metrics.timed(Enrichments(before_referrer=[Enrichment(broken, "slow")])).before_referrer[0]
    with pytest.raises(KeyError):
        step.run(None)  # type: ignore[arg-type]  # it is not looked at
    metrics.end()
    assert value("enrichment_seconds_total", enrichment="slow") > 0


def test_a_report_holds_what_was_counted_since_the_one_before() -> None:
    report = Report("app", REGISTRY)
    report.line()
    metrics.count(3, Outputs(good=outputs(get()).good))
    line = json.loads(report.line())
    assert (line["application"], line["raw"], line["good"], line["bad"]) == ("app", 3, 1, 0)
    names = {each["Name"] for each in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    assert names <= set(line)
    assert {"raw", "good", "bad", "dropped", "latency_millis", "e2e_latency_millis", "iterator_age_millis"} <= names
    assert json.loads(report.line())["raw"] == 0


def test_the_probe_answers_and_is_unhealthy_while_a_batch_takes_too_long() -> None:
    server = monitoring.server(HealthProbe(port=0, unhealthy_latency="2 minutes"), REGISTRY)  # 0: any free one
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        assert b"snowplow_enrich_raw_total" in ask(f"{url}/metrics")
        assert ask(f"{url}/any") == b""
        metrics.SINCE.set(time.time() - 121)
        with pytest.raises(urllib.error.HTTPError) as answer:
            ask(f"{url}/any")
        assert answer.value.code == 503
    finally:
        server.shutdown()
        server.server_close()


def test_the_payloads_of_a_compressed_record_are_counted_beside_it() -> None:
    names = ("raw_total", "payloads_total")
    before = [value(name) for name in names]
    metrics.count(1, Outputs(payloads=3))
    assert [value(name) for name in names] == [each + n for each, n in zip(before, (1, 3), strict=True)]
