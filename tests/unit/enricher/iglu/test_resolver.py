"""Registries elsewhere: order, cache, failures, superseding; each against a real HTTP server on loopback."""

import codecs
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.enricher.iglu.patience import MOST_SECONDS, Patience
from services.enricher.iglu.registries import RegistryError
from services.enricher.iglu.validation import Iglu
from services.enricher.processing.record_enricher import Outputs, RecordEnricher
from services.enricher.program import configure_logging
from tests.fixtures.enricher import contexts, get
from tests.fixtures.iglu_registry import SCHEMAS, THING, RegistryStandIn, http_registry, resolver, schema
from wire.collector_payload import encode
from wire.columns import INDEX
from wire.self_describing import SchemaKey

NEWER = SchemaKey.parse("iglu:com.acme/thing/jsonschema/1-0-1")


@pytest.fixture
def server() -> Iterator[RegistryStandIn]:
    with RegistryStandIn() as server:
        yield server


def test_a_schema_elsewhere_is_asked_for_once_and_validates(tmp_path: Path, server: RegistryStandIn) -> None:
    server.publish(THING, schema(THING, properties={"n": {"type": "integer"}}))
    iglu = Iglu(SCHEMAS, resolver(tmp_path, http_registry(server.uri, apikey="12345")))
    assert iglu.failure(THING, {"n": 1}) is None
    failure = iglu.failure(THING, {"n": "1"})
    assert failure is not None
    assert failure["error"]["error"] == "ValidationError"  # type: ignore[index]
    assert server.asked == ["/iglu/schemas/com.acme/thing/jsonschema/1-0-0"]
    assert server.api_keys == ["12345"]


def test_what_nobody_has_names_everybody_who_was_asked_by_name(tmp_path: Path, server: RegistryStandIn) -> None:
    iglu = Iglu(
        SCHEMAS, resolver(tmp_path, http_registry(server.uri, "Zebra", 0), http_registry(server.uri, "Acme", 1))
    )
    for _ in range(2):
        failure = iglu.failure(THING, {})
        assert failure is not None
        error: Any = failure["error"]
        assert error["error"] == "ResolutionError"
        names = [attempt["repository"] for attempt in error["lookupHistory"]]
        assert names == ["Acme", "Snowveil static registry", "Zebra"]
        assert all(attempt["errors"] == [{"error": "NotFound"}] for attempt in error["lookupHistory"])
    assert len(server.asked) == 2, "what was not found is kept too"


def test_who_claims_the_vendor_is_asked_first_then_the_bundle_then_by_priority(
    tmp_path: Path, server: RegistryStandIn
) -> None:
    places = [
        http_registry(server.uri + "last", "Last", 9),
        http_registry(server.uri + "first", "First", 1),
        http_registry(server.uri + "claims", "Claims", 99, prefixes=["com.ac"]),
    ]
    Iglu(SCHEMAS, resolver(tmp_path, *places)).failure(THING, {})
    assert [path.split("/")[2] for path in server.asked] == ["claims", "first", "last"]
    server.asked.clear()
    own = SchemaKey.parse("iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4")
    Iglu(SCHEMAS, resolver(tmp_path, *places)).failure(own, {})
    assert server.asked == []


class Time:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now, self.waits = 0.0, 0
        self.has_waited: Callable[[], object] = lambda: None

    def patience(self) -> Patience:
        return Patience(lambda: self.now, self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds
        self.waits += 1
        self.has_waited()


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (301, b"alice@example.org", "Unexpected response code: 301"),
        (302, b"alice@example.org", "Unexpected response code: 302"),
        (400, b"alice@example.org", "Unexpected response code: 400"),
        (401, b"alice@example.org", "Unexpected response code: 401"),
        (403, b"alice@example.org", "Unexpected response code: 403"),
        (410, b"alice@example.org", "Unexpected response code: 410"),
        (429, b"alice@example.org", "Unexpected response code: 429"),
        (200, b"<html>alice@example.org", "the answer is not a JSON object"),
        (200, b"", "the answer is not a JSON object"),
        (200, b" " * 1_000_001, "longer than 1000000 bytes"),
    ],
)
def test_an_answer_that_is_no_schema_is_not_found_here_with_its_reason_and_nobody_waits(
    tmp_path: Path, server: RegistryStandIn, caplog: pytest.LogCaptureFixture, status: int, body: bytes, said: str
) -> None:
    configure_logging()
    server.publish(THING, body, status)
    faults: list[str] = []
    clock = Time()
    configuration = resolver(tmp_path, http_registry(server.uri))
    iglu = Iglu(SCHEMAS, configuration, patience=clock.patience(), on_failure=faults.append)
    failure: Any = iglu.failure(THING, {})
    assert failure["error"]["error"] == "ResolutionError"
    acme, _ = failure["error"]["lookupHistory"]
    assert acme["errors"] == [{"error": "ClientFailure", "message": said}]
    assert (clock.waits, faults) == (0, ["ClientFailure"])
    assert "alice" not in caplog.text
    assert iglu.failure(THING, {}) is not None
    assert len(server.asked) == 1, "the answer is kept for a while"


def test_a_refused_schema_is_asked_for_again_after_a_minute(
    tmp_path: Path, server: RegistryStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    server.publish(THING, b"", 403)
    iglu = Iglu(SCHEMAS, resolver(tmp_path, http_registry(server.uri)))
    assert iglu.failure(THING, {}) is not None
    server.publish(THING)
    now[0] = 61
    assert iglu.failure(THING, {}) is None


def test_a_byte_order_mark_before_a_schema_is_passed_over(tmp_path: Path, server: RegistryStandIn) -> None:
    server.publish(THING, codecs.BOM_UTF8 + schema(THING))
    assert Iglu(SCHEMAS, resolver(tmp_path, http_registry(server.uri))).failure(THING, {}) is None


def test_a_name_longer_than_any_registry_has_is_not_looked_up(tmp_path: Path, server: RegistryStandIn) -> None:
    key = SchemaKey.parse(f"iglu:com.acme/thing/{'x' * 5_000}/1-0-0")
    failure: Any = Iglu(SCHEMAS, resolver(tmp_path, http_registry(server.uri))).failure(key, {})
    assert failure["error"]["error"] == "ResolutionError"
    assert server.asked == []


def test_a_registry_that_is_away_is_waited_for_and_nothing_is_lost(
    tmp_path: Path, server: RegistryStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    server.publish(THING, b"", 503)
    clock = Time()
    clock.has_waited = lambda: server.publish(THING) if clock.waits == 2 else None
    context = {"schema": str(THING), "data": {}}
    outputs = Outputs()
    iglu = Iglu(SCHEMAS, resolver(tmp_path, http_registry(server.uri)), patience=clock.patience())
    RecordEnricher(iglu, 1_000_000).add(
        encode(get(e="pv", p="web", tv="x", co=contexts(context))), "2026-01-01", outputs
    )
    assert (len(outputs.good), len(outputs.bad), clock.waits) == (1, 0, 2)
    assert "registry Acme: RepoFailure: Unexpected server response" in caplog.text


def test_waiting_ends_after_five_minutes_in_a_failed_event_with_the_history(
    tmp_path: Path, server: RegistryStandIn
) -> None:
    server.fails = lambda _: True
    faults: list[str] = []
    clock = Time()
    configuration = resolver(tmp_path, http_registry(server.uri))
    iglu = Iglu(SCHEMAS, configuration, patience=clock.patience(), on_failure=faults.append)
    outputs = Outputs()
    enricher = RecordEnricher(iglu, 1_000_000, max_incomplete_size=1_000_000)
    context = {"schema": str(THING), "data": {"name": "alice"}}
    enricher.add(encode(get(e="pv", p="web", tv="x", co=contexts(context))), "2026-01-01", outputs)
    assert MOST_SECONDS < clock.now < 1.2 * MOST_SECONDS
    (event,) = (json.loads(each) for each in outputs.bad)
    assert "/schema_violations/" in event["schema"]
    (message,) = event["data"]["failure"]["messages"]
    assert message["schemaKey"] == str(THING)
    acme, _ = message["error"]["lookupHistory"]
    assert acme["errors"] == [{"error": "RepoFailure", "message": "Unexpected server response"}]
    assert acme["attempts"] == len(server.asked) == clock.waits + 1
    assert faults == ["RepoFailure"]
    assert len(outputs.incomplete) == 1


def test_a_registry_that_was_waited_for_in_vain_is_asked_once_a_minute_whatever_is_asked_for(
    tmp_path: Path, server: RegistryStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Time()
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    server.fails = lambda _: True
    iglu = Iglu(SCHEMAS, resolver(tmp_path, http_registry(server.uri)), patience=clock.patience())
    keys = (SchemaKey.parse(f"iglu:com.acme/thing{number}/jsonschema/1-0-0") for number in range(10_000))
    iglu.failure(next(keys), {})
    began, asked = clock.now, len(server.asked)
    waited = clock.waits
    for _ in range(1_000):
        assert iglu.failure(next(keys), {}) is not None
    assert (len(server.asked), clock.waits) == (asked, waited)
    hours = 0
    while clock.now < began + 3600:
        clock.now += 1
        hours += 1
        assert iglu.failure(next(keys), {}) is not None
    assert hours >= 3600 * 0.85, "a shard waits for a tenth of the time at most"
    server.fails = lambda _: False
    clock.now += 61
    server.publish(THING)
    assert iglu.failure(THING, {}) is None


@pytest.mark.parametrize("elsewhere", [True, False])
def test_attempts_at_a_registry_that_does_not_answer_are_bounded_although_the_schemas_are_known(
    tmp_path: Path, server: RegistryStandIn, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    clock = Time()
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    keys = [SchemaKey.parse(f"iglu:com.acme/thing{number}/jsonschema/1-0-0") for number in range(30)]
    directory = tmp_path / "registry"
    for key in keys:
        server.publish(key)
        (directory / key.path).parent.mkdir(parents=True)
        (directory / key.path).write_bytes(schema(key))
    files = {"name": "Files", "priority": 9, "vendorPrefixes": [], "connection": {"embedded": {"path": str(directory)}}}
    places = [http_registry(server.uri, prefixes=["com.acme"]), *([] if elsewhere else [files])]
    iglu = Iglu(SCHEMAS, resolver(tmp_path, *places, cacheTtl=60), patience=clock.patience())
    assert all(iglu.failure(key, {}) is None for key in keys)
    server.asked.clear()

    def hang(_: int) -> bool:
        clock.now += 10
        return True

    server.fails = hang
    while clock.now < 7200:
        clock.now += 1
        assert all(iglu.failure(key, {}) is None for key in keys), "a schema that is known stays known"
    blocked = 10 * len(server.asked)
    assert blocked < MOST_SECONDS + 0.25 * 7200


def test_a_schema_that_is_none_is_the_events_failure_not_an_outage(tmp_path: Path, server: RegistryStandIn) -> None:
    server.publish(THING, schema(THING, type="nonsense"))
    failure: Any = Iglu(SCHEMAS, resolver(tmp_path, http_registry(server.uri))).failure(THING, {})
    assert failure["error"]["error"] == "ValidationError"
    assert [issue["path"] for issue in failure["error"]["schemaIssues"]] == ["$"]


def test_a_kept_schema_is_fetched_anew_after_its_time_and_outlives_an_outage(
    tmp_path: Path, server: RegistryStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    server.publish(THING, schema(THING, properties={"n": {"type": "integer"}}))
    iglu = Iglu(SCHEMAS, resolver(tmp_path, http_registry(server.uri), cacheTtl=600))
    assert iglu.failure(THING, {"n": "1"}) is not None
    server.publish(THING)
    now[0] = 599
    assert iglu.failure(THING, {"n": "1"}) is not None
    now[0] = 601
    assert iglu.failure(THING, {"n": "1"}) is None
    server.publish(THING, b"", 500)
    now[0] = 1300
    assert iglu.failure(THING, {"n": "1"}) is None
    asked = len(server.asked)
    assert iglu.failure(THING, {"n": "1"}) is None
    assert len(server.asked) == asked, "an outage is not asked after with every event"


def test_senders_cannot_fill_the_memory_with_keys(tmp_path: Path, server: RegistryStandIn) -> None:
    iglu = Iglu(SCHEMAS, resolver(tmp_path, http_registry(server.uri), cacheSize=3))
    for number in range(10):
        iglu.failure(SchemaKey.parse(f"iglu:com.acme/thing{number}/jsonschema/1-0-0"), {})
    assert len(iglu._elsewhere) == 3
    assert len(iglu._local) == 0


def test_a_superseded_schema_is_validated_with_the_newest_and_says_so(tmp_path: Path) -> None:
    directory = tmp_path / "registry"
    newest = SchemaKey.parse("iglu:com.acme/thing/jsonschema/1-1-0")
    for key, content in (
        (THING, {"$supersededBy": "1-0-1", "properties": {"n": {"type": "integer"}}}),
        (NEWER, {"$supersededBy": ["1-1-0"]}),
        (newest, {"properties": {"n": {"type": "string"}}}),
    ):
        file = directory / key.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(schema(key, **content))
    repository = {"name": "Files", "priority": 0, "vendorPrefixes": []}
    iglu = Iglu(SCHEMAS, resolver(tmp_path, {**repository, "connection": {"embedded": {"path": str(directory)}}}))
    failure: Any = iglu.failure(THING, {"n": 1})
    assert failure["schemaKey"] == str(THING)
    assert failure["error"]["supersededBy"] == "1-1-0"
    context = {"schema": str(THING), "data": {"n": "1"}}
    payload = get(e="pv", p="web", tv="x", co=contexts(context, context))
    outputs = Outputs()
    RecordEnricher(iglu, 1_000_000).add(encode(payload), "2026-01-01 00:00:00.000", outputs)
    assert not outputs.bad
    cells = outputs.good[0].decode().split("\t")
    written = json.loads(cells[INDEX["contexts"]])["data"]
    assert [each["schema"] for each in written] == [str(newest)] * 2
    assert json.loads(cells[INDEX["derived_contexts"]])["data"] == [
        {
            "schema": "iglu:com.snowplowanalytics.iglu/validation_info/jsonschema/1-0-0",
            "data": {"originalSchema": str(THING), "validatedWith": "1-1-0"},
        }
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"$supersededBy": "1-0-0"}, "superseded by a greater one only"),
        ({"$supersededBy": ["one"]}, r"`\$supersededBy` is not a version"),
        ({"$supersedes": "1-0-1"}, "superseded by a greater one only"),
        ({"$supersedes": 5}, r"`\$supersedes` is not a version"),
    ],
)
def test_a_wrong_supersession_fails_the_events_of_its_schema(
    tmp_path: Path, content: dict[str, Any], said: str
) -> None:
    file = tmp_path / THING.path
    file.parent.mkdir(parents=True)
    file.write_bytes(schema(THING, **content))
    failure: Any = Iglu(tmp_path).failure(THING, {})
    (issue,) = failure["error"]["schemaIssues"]
    assert re.search(said, issue["message"])


def test_a_version_may_name_those_it_supersedes(tmp_path: Path) -> None:
    for key, content in ((THING, {"required": ["n"]}), (NEWER, {"$supersedes": ["1-0-0"]})):
        file = tmp_path / key.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(schema(key, **content))
    iglu = Iglu(tmp_path)
    assert iglu.failure(THING, {}) is None
    assert iglu.superseded == {THING: NEWER}


CONFIGURATION = "iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-3"
PLACE = {"name": "a", "priority": 1, "vendorPrefixes": []}
FTP, HTTP = http_registry("ftp://a"), http_registry("http://a")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "the file: Input data was truncated"),
        ({"schema": str(THING), "data": {"cacheSize": 1, "repositories": []}}, "schema: not "),
        ({"schema": "x", "data": {"cacheSize": 1, "repositories": []}}, "schema: not "),
        ({"schema": CONFIGURATION, "data": {"cacheSize": -1, "repositories": []}}, "$.data.cacheSize"),
        (
            {"schema": CONFIGURATION, "data": {"cacheSize": 1, "repositories": [{**PLACE, "connection": {}}]}},
            "http or embedded",
        ),
        (
            {"schema": CONFIGURATION, "data": {"cacheSize": 1, "repositories": [FTP]}},
            "connection.http.uri",
        ),
        (
            {"schema": CONFIGURATION, "data": {"cacheSize": 1, "repositories": [HTTP] * 2}},
            "a name of its own",
        ),
    ],
)
def test_a_wrong_configuration_is_one_line_with_its_file(tmp_path: Path, document: object, said: str) -> None:
    file = tmp_path / "iglu.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    with pytest.raises(RegistryError) as raised:
        Iglu(SCHEMAS, file)
    assert str(raised.value).startswith(f"{file}: ")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
