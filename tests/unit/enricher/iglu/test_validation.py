import json
from pathlib import Path
from typing import Any

import pytest

from services.enricher.iglu.registries import RegistryError
from services.enricher.iglu.validation import Iglu
from wire.self_describing import SchemaKey
from wire.tracker_protocol import PARAMETERS

ROOT = Path(__file__).parents[4]
KEY = SchemaKey.parse("iglu:com.acme/thing/jsonschema/1-0-0")
OTHER = SchemaKey.parse("iglu:com.acme/other/jsonschema/1-0-0")
SELF = {"vendor": "com.acme", "name": "thing", "format": "jsonschema", "version": "1-0-0"}


def registry(tmp_path: Path, schema: object, version: str = "1-0-0", name: str = "thing") -> Path:
    file = tmp_path / "com.acme" / name / "jsonschema" / version
    file.parent.mkdir(parents=True)
    file.write_text(schema if isinstance(schema, str) else json.dumps(schema))
    return tmp_path


@pytest.mark.parametrize(
    ("schema", "version", "said"),
    [
        ("{", "1-0-0", "Input data was truncated"),
        ("[]", "1-0-0", "Expected `object`"),
        ({"type": "object"}, "1-0-0", "its `self` is not"),
        ({"self": {**SELF, "version": "1-0-1"}}, "1-0-0", "its `self` is not"),
        ({"self": SELF, "type": "nonsense"}, "1-0-0", "no JSON Schema"),
        ({"self": SELF, "pattern": "("}, "1-0-0", "no JSON Schema"),
        ({"self": SELF, "$ref": "other.json"}, "1-0-0", "no JSON Schema"),
        ({"self": SELF}, "1-0", "not at <vendor>/<name>/jsonschema/"),
    ],
)
def test_a_broken_schema_is_one_line_with_its_file_and_costs_only_its_own_events(
    tmp_path: Path, schema: object, version: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    registry(tmp_path, {"self": {**SELF, "name": "other"}}, name="other")
    iglu = Iglu(registry(tmp_path, schema, version))
    (line,) = iglu.broken
    assert line.startswith(str(tmp_path / "com.acme/thing/jsonschema" / version))
    assert said in line
    assert "\n" not in line
    assert line in caplog.text
    assert iglu.failure(OTHER, {}) is None
    failure: Any = iglu.failure(KEY, {})
    assert failure["error"]["error"] == ("ValidationError" if version == "1-0-0" else "ResolutionError")


@pytest.mark.parametrize("pattern", ["(?i)a", r"a\Z", "a++", r"\Qa\E", "[a-z&&[^b]]"])
def test_a_pattern_in_javas_dialect_is_checked(tmp_path: Path, pattern: str) -> None:
    iglu = Iglu(registry(tmp_path, {"self": SELF, "properties": {"a": {"pattern": pattern}}}))
    assert iglu.failure(KEY, {"a": "a"}) is None
    failure: Any = iglu.failure(KEY, {"a": "b"})
    assert failure["error"]["dataReports"][0]["keyword"] == "pattern"


def test_a_pattern_that_cannot_be_translated_is_counted_and_not_checked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    unchecked: list[int] = []
    schema = {"self": SELF, "properties": {"a": {"pattern": r"\X"}, "b": {"pattern": r"\p{IsGreek}"}}}
    iglu = Iglu(registry(tmp_path, schema), on_unchecked=unchecked.append)
    assert iglu.failure(KEY, {"a": "a", "b": "b"}) is None
    assert unchecked == [2]
    assert r"they use \X, \p{IsGreek}" in caplog.text


@pytest.mark.parametrize("pattern", ["[", "(?<1>a)", r"\y"])
def test_a_pattern_that_java_refuses_costs_only_its_own_events(tmp_path: Path, pattern: str) -> None:
    registry(tmp_path, {"self": {**SELF, "name": "other"}}, name="other")
    iglu = Iglu(registry(tmp_path, {"self": SELF, "properties": {"a": {"pattern": pattern}}}))
    assert iglu.failure(OTHER, {}) is None
    failure: Any = iglu.failure(KEY, {"a": "a"})
    assert "regular expression" in failure["error"]["schemaIssues"][0]["message"]


def test_a_pattern_that_backtracks_ends_as_a_refused_value(tmp_path: Path) -> None:
    iglu = Iglu(registry(tmp_path, {"self": SELF, "properties": {"a": {"pattern": r"^(?:(a+)\1*)+b"}}}))
    failure: Any = iglu.failure(KEY, {"a": "a" * 1_000})
    assert [report["keyword"] for report in failure["error"]["dataReports"]]


def test_an_empty_or_missing_registry_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="holds no schema"):
        Iglu(tmp_path)
    with pytest.raises(RegistryError, match="no directory of schemas"):
        Iglu(tmp_path / "missing")


def test_draft_04_is_what_validates(tmp_path: Path) -> None:
    draft_04 = {"minimum": 1, "exclusiveMinimum": True}
    schema = {"$schema": "http://iglucentral.com/schemas/com.snowplowanalytics.self-desc/schema/jsonschema/1-0-0#"}
    iglu = Iglu(registry(tmp_path, {**schema, "self": SELF, "properties": {"n": draft_04}}))
    assert iglu.failure(KEY, {"n": 2}) is None
    assert iglu.failure(KEY, {"n": 1}) is not None


def test_reports_are_bounded(tmp_path: Path) -> None:
    iglu = Iglu(registry(tmp_path, {"self": SELF, "items": {"type": "string"}}))
    failure = iglu.failure(KEY, [1] * 10_000)
    assert failure is not None
    assert len(json.dumps(failure)) < 20_000


def test_a_senders_key_is_not_named_even_where_the_schema_allows_any(tmp_path: Path) -> None:
    schema = {"self": SELF, "properties": {"known": {"additionalProperties": {"type": "string"}}}}
    failure = Iglu(registry(tmp_path, schema)).failure(KEY, {"known": {"alice@example.org": 1}})
    assert failure is not None
    assert "alice" not in json.dumps(failure)
    assert "$.known.*" in json.dumps(failure)


def test_payload_data_allows_what_the_tracker_protocol_allows() -> None:
    file = ROOT / "schemas/com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
    properties = json.loads(file.read_text())["items"]["properties"]
    assert set(properties) == {parameter.key for parameter in PARAMETERS.values() if parameter.in_body}
