"""Registries elsewhere: order, cache, failures, superseding; each against a real HTTP server on loopback."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from services.enricher.iglu.registries import RegistryError
from services.enricher.iglu.resolver import UnavailableError
from services.enricher.iglu.validation import Iglu
from services.enricher.processing.record_enricher import Outputs, RecordEnricher
from services.enricher.program import configure_logging
from tests.fixtures.enricher import contexts, get
from wire.collector_payload import encode
from wire.columns import INDEX
from wire.self_describing import SchemaKey

OWN = Path(__file__).parents[4] / "schemas"
KEY = SchemaKey.parse("iglu:com.acme/thing/jsonschema/1-0-0")
NEWER = SchemaKey.parse("iglu:com.acme/thing/jsonschema/1-0-1")


def schema(key: SchemaKey, **content: Any) -> bytes:
    described = {"vendor": key.vendor, "name": key.name, "format": key.format, "version": key.version}
    return json.dumps({"self": described, "type": "object", **content}).encode()


class Server:
    """A registry: its answers by path, the paths that were asked, and the API keys that came with them."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.asked: list[str] = []
        self.api_keys: list[str | None] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.asked.append(self.path)
                server.api_keys.append(self.headers.get("apikey"))
                status, body = server.answers.get(self.path, (404, b"{}"))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.uri = f"http://127.0.0.1:{self.http.server_address[1]}/iglu/"

    def publish(self, key: SchemaKey, body: bytes, status: int = 200) -> None:
        self.answers[f"/iglu/schemas/{key.path}"] = status, body


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.http.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.http.shutdown()
    server.http.server_close()


def resolver(tmp_path: Path, *repositories: dict[str, Any], **data: Any) -> Path:
    file = tmp_path / "iglu.json"
    content = {"cacheSize": 500, "repositories": list(repositories), **data}
    file.write_text(
        json.dumps({"schema": "iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-3", "data": content})
    )
    return file


def http(uri: str, name: str = "Acme", priority: int = 1, **more: Any) -> dict[str, Any]:
    prefixes = more.pop("prefixes", [])
    connection = {"http": {"uri": uri, **more}}
    return {"name": name, "priority": priority, "vendorPrefixes": prefixes, "connection": connection}


def test_a_schema_elsewhere_is_asked_for_once_and_validates(tmp_path: Path, server: Server) -> None:
    server.publish(KEY, schema(KEY, properties={"n": {"type": "integer"}}))
    iglu = Iglu(OWN, resolver(tmp_path, http(server.uri, apikey="12345")))
    assert iglu.failure(KEY, {"n": 1}) is None
    failure = iglu.failure(KEY, {"n": "1"})
    assert failure is not None
    assert failure["error"]["error"] == "ValidationError"  # type: ignore[index]
    assert server.asked == ["/iglu/schemas/com.acme/thing/jsonschema/1-0-0"]
    assert server.api_keys == ["12345"]


def test_what_nobody_has_names_everybody_who_was_asked_by_name(tmp_path: Path, server: Server) -> None:
    iglu = Iglu(OWN, resolver(tmp_path, http(server.uri, "Zebra", 0), http(server.uri, "Acme", 1)))
    for _ in range(2):
        failure = iglu.failure(KEY, {})
        assert failure is not None
        error: Any = failure["error"]
        assert error["error"] == "ResolutionError"
        names = [attempt["repository"] for attempt in error["lookupHistory"]]
        assert names == ["Acme", "Snowveil static registry", "Zebra"]
        assert all(attempt["errors"] == [{"error": "NotFound"}] for attempt in error["lookupHistory"])
    assert len(server.asked) == 2, "what was not found is kept too"


def test_who_claims_the_vendor_is_asked_first_then_the_bundle_then_by_priority(tmp_path: Path, server: Server) -> None:
    places = [
        http(server.uri + "last", "Last", 9),
        http(server.uri + "first", "First", 1),
        http(server.uri + "claims", "Claims", 99, prefixes=["com.ac"]),
    ]
    Iglu(OWN, resolver(tmp_path, *places)).failure(KEY, {})
    assert [path.split("/")[2] for path in server.asked] == ["claims", "first", "last"]
    server.asked.clear()
    own = SchemaKey.parse("iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4")
    Iglu(OWN, resolver(tmp_path, *places)).failure(own, {})
    assert server.asked == []


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (500, b"alice@example.org", "RepoFailure: Unexpected server response"),
        (401, b"alice@example.org", "ClientFailure: Unexpected response code: 401"),
        (302, b"alice@example.org", "ClientFailure: Unexpected response code: 302"),
        (200, b"<html>alice@example.org", "ClientFailure: the answer is no JSON object"),
        (200, b" " * 1_000_001, "ClientFailure: longer than 1000000 bytes"),
    ],
)
def test_a_failing_registry_says_nothing_of_the_data_and_nothing_of_its_answer(
    tmp_path: Path, server: Server, caplog: pytest.LogCaptureFixture, status: int, body: bytes, said: str
) -> None:
    configure_logging()
    server.publish(KEY, body, status)
    iglu = Iglu(OWN, resolver(tmp_path, http(server.uri)))
    with pytest.raises(UnavailableError) as raised:
        iglu.failure(KEY, {})
    assert str(raised.value) == f"registry Acme: {said}"
    assert not caplog.text
    server.publish(KEY, schema(KEY))
    assert iglu.failure(KEY, {}) is None, "a failure is not kept"


def test_a_registry_that_is_away_is_waited_for_and_nothing_is_lost(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    server.publish(KEY, b"", 503)

    def waits() -> Iterator[float]:
        yield 0.0
        server.publish(KEY, schema(KEY))
        yield 0.0

    monkeypatch.setattr("services.enricher.support.aws.waits", waits)
    context = {"schema": str(KEY), "data": {}}
    outputs = Outputs()
    RecordEnricher(Iglu(OWN, resolver(tmp_path, http(server.uri))), 1_000_000).add(
        encode(get(e="pv", p="web", tv="x", co=contexts(context))), "2026-01-01", outputs
    )
    assert (len(outputs.good), len(outputs.bad)) == (1, 0)
    assert "registry Acme: RepoFailure" in caplog.text


def test_a_schema_that_is_none_is_the_events_failure_not_an_outage(tmp_path: Path, server: Server) -> None:
    server.publish(KEY, schema(KEY, type="nonsense"))
    failure: Any = Iglu(OWN, resolver(tmp_path, http(server.uri))).failure(KEY, {})
    assert failure["error"]["error"] == "ValidationError"
    assert [issue["path"] for issue in failure["error"]["schemaIssues"]] == ["$"]


def test_a_kept_schema_is_fetched_anew_after_its_time_and_outlives_an_outage(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    server.publish(KEY, schema(KEY, properties={"n": {"type": "integer"}}))
    iglu = Iglu(OWN, resolver(tmp_path, http(server.uri), cacheTtl=600))
    assert iglu.failure(KEY, {"n": "1"}) is not None
    server.publish(KEY, schema(KEY))
    now[0] = 599
    assert iglu.failure(KEY, {"n": "1"}) is not None
    now[0] = 601
    assert iglu.failure(KEY, {"n": "1"}) is None
    server.publish(KEY, b"", 500)
    now[0] = 1300
    assert iglu.failure(KEY, {"n": "1"}) is None
    asked = len(server.asked)
    assert iglu.failure(KEY, {"n": "1"}) is None
    assert len(server.asked) == asked, "an outage is not asked after with every event"


def test_senders_cannot_fill_the_memory_with_keys(tmp_path: Path, server: Server) -> None:
    iglu = Iglu(OWN, resolver(tmp_path, http(server.uri), cacheSize=3))
    for number in range(10):
        iglu.failure(SchemaKey.parse(f"iglu:com.acme/thing{number}/jsonschema/1-0-0"), {})
    assert len(iglu._elsewhere) == 3
    assert len(iglu._local) == 0


def test_a_superseded_schema_is_validated_with_the_newest_and_says_so(tmp_path: Path) -> None:
    directory = tmp_path / "registry"
    newest = SchemaKey.parse("iglu:com.acme/thing/jsonschema/1-1-0")
    for key, content in (
        (KEY, {"$supersededBy": "1-0-1", "properties": {"n": {"type": "integer"}}}),
        (NEWER, {"$supersededBy": ["1-1-0"]}),
        (newest, {"properties": {"n": {"type": "string"}}}),
    ):
        file = directory / key.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(schema(key, **content))
    repository = {"name": "Files", "priority": 0, "vendorPrefixes": []}
    iglu = Iglu(OWN, resolver(tmp_path, {**repository, "connection": {"embedded": {"path": str(directory)}}}))
    failure: Any = iglu.failure(KEY, {"n": 1})
    assert failure["schemaKey"] == str(KEY)
    assert failure["error"]["supersededBy"] == "1-1-0"
    context = {"schema": str(KEY), "data": {"n": "1"}}
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
            "data": {"originalSchema": str(KEY), "validatedWith": "1-1-0"},
        }
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"$supersededBy": "1-0-0"}, "superseded by a greater one only"),
        ({"$supersededBy": ["one"]}, r"`\$supersededBy` is no version"),
        ({"$supersedes": "1-0-1"}, "superseded by a greater one only"),
        ({"$supersedes": 5}, r"`\$supersedes` is no version"),
    ],
)
def test_a_wrong_supersession_is_refused(tmp_path: Path, content: dict[str, Any], said: str) -> None:
    file = tmp_path / KEY.path
    file.parent.mkdir(parents=True)
    file.write_bytes(schema(KEY, **content))
    with pytest.raises(RegistryError, match=said):
        Iglu(tmp_path)


def test_a_version_may_name_those_it_supersedes(tmp_path: Path) -> None:
    for key, content in ((KEY, {"required": ["n"]}), (NEWER, {"$supersedes": ["1-0-0"]})):
        file = tmp_path / key.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(schema(key, **content))
    iglu = Iglu(tmp_path)
    assert iglu.failure(KEY, {}) is None
    assert iglu.superseded == {KEY: NEWER}


SCHEMA = "iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-3"
PLACE = {"name": "a", "priority": 1, "vendorPrefixes": []}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "the file: Input data was truncated"),
        ({"schema": str(KEY), "data": {"cacheSize": 1, "repositories": []}}, "schema: not "),
        ({"schema": "x", "data": {"cacheSize": 1, "repositories": []}}, "schema: not "),
        ({"schema": SCHEMA, "data": {"cacheSize": -1, "repositories": []}}, "$.data.cacheSize"),
        (
            {"schema": SCHEMA, "data": {"cacheSize": 1, "repositories": [{**PLACE, "connection": {}}]}},
            "http or embedded",
        ),
        ({"schema": SCHEMA, "data": {"cacheSize": 1, "repositories": [http("ftp://a")]}}, "connection.http.uri"),
        ({"schema": SCHEMA, "data": {"cacheSize": 1, "repositories": [http("http://a")] * 2}}, "a name of its own"),
    ],
)
def test_a_wrong_configuration_is_one_line_with_its_file(tmp_path: Path, document: object, said: str) -> None:
    file = tmp_path / "iglu.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    with pytest.raises(RegistryError) as raised:
        Iglu(OWN, file)
    assert str(raised.value).startswith(f"{file}: ")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
