import json
from pathlib import Path
from typing import Any

import pytest

from services.enricher import config
from services.enricher.config import ConfigError

VALID: dict[str, Any] = {
    "input": {
        "streamName": "snowplow-raw-good",
        "region": "eu-west-1",
        "appName": "snowplow-enricher",
        "initialPosition": {"type": "TRIM_HORIZON"},
        "retrievalMode": {"type": "Polling", "maxRecords": 1000, "idleTimeBetweenReads": "200 milliseconds"},
    },
    "output": {
        "good": {"streamName": "snowplow-enriched-good", "region": "eu-west-1", "maxRecordSize": 1000000},
        "bad": {"streamName": "snowplow-enriched-bad", "region": "eu-west-1"},
    },
    "iglu": {"registry": "schemas"},
}


def written(tmp_path: Path, content: object) -> Path:
    file = tmp_path / "enricher.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def changed(path: str, value: object) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(json.dumps(VALID))
    *parents, key = path.split(".")
    place = content
    for parent in parents:
        place = place[parent]
    place[key] = value
    return content


def test_the_configuration_that_terraform_renders(tmp_path: Path) -> None:
    settings = config.load(written(tmp_path, VALID))
    assert settings.input.stream_name == "snowplow-raw-good"
    assert settings.input.retrieval_mode.idle_seconds == pytest.approx(0.2)
    assert settings.output.good.max_record_size == 1_000_000
    assert settings.iglu.registry == "schemas"
    assert settings.output.failed is None
    assert settings.output.good.partition_key is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (changed("input.extra", 1), "$.input: Object contains unknown field `extra`"),
        (changed("extra", 1), "Object contains unknown field `extra`"),
        (changed("input.streamName", 1), "$.input.streamName: Expected `str`, got `int`"),
        (changed("input.streamName", ""), "$.input.streamName: Expected `str` of length >= 1"),
        (changed("input.initialPosition", {"type": "LATEST"}), "$.input.initialPosition.type: Invalid enum value"),
        (changed("input.retrievalMode.maxRecords", 0), "$.input.retrievalMode.maxRecords: Expected `int` >= 1"),
        (changed("input.retrievalMode.idleTimeBetweenReads", "soon"), "idleTimeBetweenReads is not a duration"),
        (changed("output.good.maxRecordSize", 2_000_000), "$.output.good.maxRecordSize: Expected `int` <= 1000000"),
        (changed("output.good.partitionKey", "userid"), "$.output.good: partitionKey is not a column"),
        (changed("output.bad.partitionKey", "user_id"), "$.output.bad: Object contains unknown field `partitionKey`"),
        (changed("output.failed", {"streamName": "f"}), "$.output.failed: Object missing required field `region`"),
        (changed("validation", {"maxJsonDepth": 91}), "$.validation.maxJsonDepth: Expected `int` <= 90"),
        (changed("validation", {"acceptInvalid": "yes"}), "$.validation.acceptInvalid: Expected `bool`, got `str`"),
        (
            changed("validation", {"atomicFieldsLimits": {"contexts": 5}}),
            "$.validation: atomicFieldsLimits has `contexts`, which is not a column with a limit",
        ),
        (
            changed("validation", {"atomicFieldsLimits": {"app_id": 0}}),
            "$.validation.atomicFieldsLimits[...]: Expected `int` >= 1",
        ),
        (changed("decompression", {"maxBytesInBatch": 0}), "$.decompression.maxBytesInBatch: Expected `int` >= 1"),
        (
            changed("decompression", {"maxBytesSinglePayload": 10_000_001}),
            "$.decompression.maxBytesSinglePayload: Expected `int` <= 10000000",
        ),
        ({}, "missing required field `input`"),
        ("{", "Input data was truncated"),
    ],
)
def test_a_wrong_configuration_is_one_line_with_file_and_path(tmp_path: Path, content: object, said: str) -> None:
    file = written(tmp_path, content)
    with pytest.raises(ConfigError) as raised:
        config.load(file)
    assert str(raised.value).startswith(f"{file}: ")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"enricher\.json: No such file or directory; pass the configuration"):
        config.load(tmp_path / "enricher.json")
