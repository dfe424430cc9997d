"""What a configuration of Snowplow's Enrich means here: all differences at once, and which change behaviour."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enricher import __main__ as enricher
from services.enricher import config, from_snowplow
from services.enricher.config import ConfigError
from services.enricher.from_snowplow import Difference, Effect, compare
from tests.fixtures.enricher import SP
from tests.fixtures.enrichments import EN, UA_PARSER, anon_ip, configuration, write

# Every key, value and way of writing of Snowplow's reference example for Kinesis (enrich 6.10,
# config/config.kinesis.reference.hocon), without its words.
WRITING = """"throttledBackoffPolicy": { "minBackoff": "100 milliseconds"
        "maxBackoff": "1 second" }
      "recordLimit": 500, "byteLimit": 5242880, "maxRetries": 10"""
REFERENCE = """\
{
  "license" { "accept": true }
  "input": {
    "streamName": "snowplow-collector-payloads", "appName": "snowplow-enrich"
    "initialPosition": { "type": "TRIM_HORIZON" }
    "retrievalMode": { "type": "Polling", "maxRecords": 750, "idleTimeBetweenReads": "200 millis" }
    "workerIdentifier": ${HOSTNAME}
    "leaseDuration": "10 seconds", "maxLeasesToStealAtOneTimeFactor": 2.0
    "checkpointThrottledBackoffPolicy": { "minBackoff": "100 millis", "maxBackoff": "1 second" }
    debounceCheckpoints: "10 seconds"
  }
  "output": {
    "good": { "streamName": "snowplow-enriched", "partitionKey": "user_id", WRITING }
    "failed": { "streamName": "snowplow-failed", WRITING }
    "bad": { "streamName": "snowplow-bad", WRITING }
  }
  "cpuParallelismFraction": 1, "sinkParallelismFraction": 2
  "monitoring": {
    "metrics": {
      "statsd": { "hostname": "127.0.0.1", "port": 8125, "tags": { "env": "prod" }, "period": "1 minute"
        "prefix": "snowplow.enrich" }
      "prometheus": { "tags": { "env": "prod" } }
    }
    "sentry": { "dsn": "https://public@sentry.example.com/1", "tags": { "myTag": "xyz" } }
    "healthProbe": { "port": 8000, "unhealthyLatency": "2 minutes" }
  }
  "assetsUpdatePeriod": "7 days", "jsAllowedJavaClasses": ["*"]
  "http": { "client": { "requestTimeout": "5 seconds" } }
  "iglu": { "maxRetry": 2, "maxWait": "1 second" }
  "validation" : { "acceptInvalid": false, "atomicFieldsLimits": { "app_id": 5, "mkt_clickid": 100000 }
    "maxJsonDepth": 50, "exitOnJsCompileError": true }
  "telemetry": { "disable": false, "method": POST, "collectorUri": "https://collector-g.snowplowanalytics.com"
    "userProvidedId": my_pipeline, "moduleName": enrich-kinesis-ce, "moduleVersion": 1.0.0 }
  "metadata": { "endpoint": "https://my_pipeline.my_domain.com/iglu", "interval": 5 minutes, "maxBodySize": 150000 }
  "identity": { "endpoint": "http://identity-api", "username": "snowplow", "password": "sn0wp10w"
    "identifiers": [ { "name": "user_id", "field": { "type": "atomic", "name": "user_id" } } ] }
  "decompression": { "maxBytesInBatch": 5242880, "maxBytesSinglePayload": 10000000 }
}
""".replace("WRITING", WRITING)
MINIMAL = """\
license.accept = true
input.streamName = raw
output { good.streamName = good, bad.streamName = bad }
"""


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("HOSTNAME", "host")


def written(directory: Path, text: str) -> Path:
    file = directory / "config.hocon"
    file.write_text(text)
    return file


def changes(differences: list[Difference]) -> set[str]:
    return {each.key for each in differences if each.effect is Effect.CHANGES}


def test_snowplows_reference_starts_and_what_it_changes_is_named(tmp_path: Path) -> None:
    differences, document = compare(written(tmp_path, REFERENCE))
    assert not [each for each in differences if each.effect is Effect.STOPS]
    assert changes(differences) == {
        "assetsUpdatePeriod", "identity", "iglu.maxRetry", "iglu.maxWait", "metadata",
        "monitoring.metrics.prometheus.tags",
        "monitoring.metrics.statsd", "monitoring.sentry", "output.failed",
    }  # fmt: skip
    assert {"license", "telemetry", "input.workerIdentifier", "output.good.recordLimit"} <= {
        each.key for each in differences if each.effect is Effect.NONE
    }
    file = tmp_path / "enricher.json"
    file.write_text(json.dumps(document))
    settings = config.load(file)
    assert (settings.input.consumer, settings.input.region) == ("kcl", "eu-central-1")
    assert settings.input.retrieval_mode.idle_seconds == 0.2
    assert settings.output.good.partition_key == "user_id"
    assert settings.validation.atomic_fields_limits == {"app_id": 5, "mkt_clickid": 100_000}


def test_snowplows_least_configuration_has_enrichs_own_defaults(tmp_path: Path) -> None:
    differences, document = compare(written(tmp_path, MINIMAL))
    assert [each.effect for each in differences] == [Effect.NONE]
    assert document["input"]["appName"] == "snowplow-enrich"
    assert document["monitoring"]["healthProbe"] == {"port": 8000, "unhealthyLatency": "2 minutes"}


def test_all_that_stops_the_start_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    text = """
    input { streamName = raw, retrievalMode { maxRecords = 0, idleTimeBetweenReads = 5 fortnights }
      initialPosition.type = LATEST }
    output { good { streamName = good, maxRecordSize = 2000000 } }
    validation { maxJsonDepth = 200 }
    unheard.of = 1
    """
    differences, _ = compare(written(tmp_path, text))
    stops = {each.key for each in differences if each.effect is Effect.STOPS}
    assert {
        "region", "input.retrievalMode.maxRecords", "input.retrievalMode", "output.good.maxRecordSize", "output.bad",
        "validation.maxJsonDepth",
    } <= stops  # fmt: skip
    assert changes(differences) == {"input.initialPosition.type"}
    assert Difference("unheard.of", Effect.NONE, "is unknown here, as to Enrich, which ignores it") in differences


def test_what_is_switched_off_changes_nothing(tmp_path: Path) -> None:
    off = MINIMAL + "\noutput.good.compression { enabled = false, type = zstd }"
    assert not changes(compare(written(tmp_path, off)).differences)
    on = off.replace("false", "true")
    assert changes(compare(written(tmp_path, on)).differences) == {"output.good.compression"}


@pytest.mark.parametrize("text", ["{", 'include "x"', "a = [1"])
def test_what_is_not_hocon_is_one_line_with_the_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as raised:
        compare(written(tmp_path, text))
    assert str(raised.value).startswith(f"{tmp_path}/config.hocon: ")
    assert "\n" not in str(raised.value)


def test_every_enrichment_that_stops_the_start_is_named(tmp_path: Path) -> None:
    site = {"uri": "https://s3-eu-west-1.amazonaws.com/x", "database": "referers-latest.json", "internalDomains": []}
    directory = write(
        tmp_path / "enrichments",
        anon_ip(),
        UA_PARSER,
        configuration(SP, "referer_parser", "2-0-1", site),
        configuration(EN, "yauaa_enrichment_config", "1-0-0"),
        configuration(SP, "asn_lookups", "1-0-0", {}),
        configuration(SP, "user_agent_utils_config", "1-0-0", {}, enabled=False),
    )
    found = from_snowplow.of_enrichments(directory)
    assert [Path(each.key).name for each in found] == [
        "2-referer_parser.json", "3-yauaa_enrichment_config.json", "4-asn_lookups.json",
    ]  # fmt: skip
    assert "copy the file to a bucket" in found[0].text


def test_the_command_prints_the_differences_or_the_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(written(tmp_path, REFERENCE))
    directory = str(write(tmp_path / "enrichments", anon_ip()))
    assert enricher.main(["--from-snowplow", file, "--enrichments", directory]) == 0
    assert json.loads(capsys.readouterr().out)["enrichments"] == directory
    assert enricher.main(["--check-config", "--from-snowplow", file]) == 0
    out = capsys.readouterr().out
    assert f"{file}: 0 stops the start" in out
    assert "  monitoring.sentry: errors are in the log only" in out
    write(tmp_path / "enrichments", configuration(SP, "anon_ip", "9-0-0", {}))
    assert enricher.main(["--check-config", "--from-snowplow", file, "--enrichments", directory]) == 2
    assert "is not supported" in capsys.readouterr().out
    assert enricher.main(["--from-snowplow", file, "--enrichments", directory]) == 2


VALUES = (
    st.none() | st.booleans() | st.integers(-5, 10**7) | st.sampled_from(["", "x", "10 seconds", "LATEST", "user_id"])
)
KEYS = st.sampled_from(
    ["input", "output", "good", "bad", "failed", "streamName", "region", "appName", "initialPosition", "type", "port",
     "retrievalMode", "maxRecords", "idleTimeBetweenReads", "partitionKey", "monitoring", "healthProbe", "license",
     "unhealthyLatency", "validation", "atomicFieldsLimits", "page_title", "decompression", "maxBytesInBatch", "iglu",
     "other"]
)  # fmt: skip
DOCUMENTS = st.dictionaries(
    KEYS, st.recursive(VALUES, lambda inner: st.dictionaries(KEYS, inner, max_size=4), max_leaves=12), max_size=6
)


@given(DOCUMENTS)
def test_any_document_is_compared_and_what_remains_is_a_configuration(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, object]
) -> None:
    directory = tmp_path_factory.mktemp("hocon")
    _, remaining = compare(written(directory, json.dumps(document)))
    file = directory / "enricher.json"
    file.write_text(json.dumps(remaining))
    config.load(file)
