"""api_request: the calls, the answers, and no answer.

Wire contract (docs/reference/wire-contract.md): C.12 Enrichments.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from services.enricher.enrichments.configuration import EnrichmentConfigError
from services.enricher.enrichments.http_api import ApiError, Client, Request
from services.enricher.processing.record_enricher import Outputs, RecordEnricher
from tests.fixtures.enricher import ETL_TSTAMP, IGLU, SP, cells, contexts, get, sdj
from tests.fixtures.enrichments import EN, configuration, configured, derived, failed
from wire.collector_payload import encode

type Json = dict[str, Any]

TIMING = f"{SP}/timing/jsonschema/1-0-0"
USER = {"key": "user", "pojo": {"field": "user_id"}}


@dataclass
class Api:
    """A service; the next answer is `status` and `body`, `requests` are those that came: method, path, body, user."""

    url: str
    status: int = 200
    body: bytes = b'{"record": {"category": "c", "variable": "v", "timing": 1.5}}'
    requests: list[tuple[str, str, str, str]] = field(default_factory=list)


@pytest.fixture
def api() -> Iterator[Api]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            service.requests.append((self.command, self.path, body, self.headers.get("Authorization") or ""))
            self.send_response(service.status)
            self.send_header("Content-Length", str(len(service.body)))
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(service.body)

        do_POST = do_PUT = do_GET  # noqa: N815 - the server's names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service = Api(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield service
    server.shutdown()
    server.server_close()
    thread.join()


def request(api: Api, *inputs: Json, uri: str = "/users/{{user}}", **more: Any) -> Json:
    http = {"method": "GET", "uri": api.url + uri, "timeout": 2000, "authentication": {}} | more.pop("http", {})
    parameters = {
        "inputs": list(inputs) or [USER],
        "api": {"http": http},
        "outputs": [{"schema": f"iglu:{TIMING}", "json": {"jsonPath": "$.record"}}],
        "cache": {"size": 10, "ttl": 60},
        **more,
    }
    return configuration(EN, "api_request_enrichment_config", "1-0-2", parameters)


def message(event: Json) -> Json:
    (found,) = event["data"]["failure"]["messages"]
    assert found["enrichment"] == {
        "schemaKey": f"iglu:{EN}/api_request_enrichment_config/jsonschema/1-0-2",
        "identifier": "api-request",
    }
    result: Json = found["message"]
    return result


@pytest.mark.contract("C.12/api_request")
def test_the_answer_becomes_a_context(api: Api) -> None:
    assert derived(get(uid="a b/ü"), request(api)) == [sdj(TIMING, {"category": "c", "variable": "v", "timing": 1.5})]
    assert api.requests == [("GET", "/users/a+b%2F%C3%BC", "", "")]


@pytest.mark.contract("C.12/api_request")
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_post_carries_the_inputs_as_json_with_basic_authentication(api: Api, method: str) -> None:
    login = {"httpBasic": {"username": "u", "password": "p"}}
    link = {"field": "contexts", "schemaCriterion": f"iglu:{SP}/timing/jsonschema/1-*-*", "jsonPath": "$.timing"}
    document = request(
        api, USER, {"key": "x", "json": link}, uri="/all", http={"method": method, "authentication": login}
    )
    entity = sdj(TIMING, {"category": "c", "variable": "v", "timing": 2.5})
    assert len(derived(get(uid="alice", co=contexts(entity)), document)) == 1
    credentials = base64.b64encode(b"u:p").decode()
    assert api.requests == [(method, "/all", '{"user":"alice","x":"2.5"}', f"Basic {credentials}")]


@pytest.mark.contract("C.12/api_request")
def test_a_missing_input_or_an_unknown_key_is_no_call(api: Api) -> None:
    assert derived(get(), request(api)) == []
    assert derived(get(uid="alice"), request(api, uri="/{{user}}/{{other}}")) == []
    assert api.requests == []


@pytest.mark.contract("C.12/api_request")
def test_of_inputs_with_one_key_the_last_that_is_there_counts(api: Api) -> None:
    inputs = [
        USER,
        {"key": "user", "pojo": {"field": "network_userid"}},
        {"key": "user", "pojo": {"field": "tr_orderid"}},
    ]
    derived(get(uid="alice", nuid="nobody"), request(api, *inputs))
    assert [path for _, path, _, _ in api.requests] == ["/users/nobody"]


@pytest.mark.contract("C.12/api_request")
@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, b"alice is unknown", "the API answers with status 500"),
        (302, b"", "the API answers with status 302"),
        (200, b'{"alice"', "the API's answer is invalid json: Input data was truncated"),
        (200, b'{"other": "alice"}', "the API's answer holds nothing at an output's JSON path"),
        (200, b'"' + b"x" * 1_000_000 + b'"', "the API's answer is larger than 1000000 bytes"),
    ],
)
def test_an_unusable_answer_fails_the_event_unless_it_is_to_be_ignored(
    api: Api, status: int, body: bytes, error: str
) -> None:
    api.status, api.body = status, body
    assert message(failed(get(uid="alice"), request(api))) == {"error": error}
    assert derived(get(uid="alice"), request(api, ignoreOnError=True)) == []
    assert {path for _, path, _, _ in api.requests} == {"/users/alice"}


@pytest.mark.contract("C.12/api_request")
def test_an_answer_that_violates_its_schema_fails_the_event(api: Api) -> None:
    api.body = b'{"record": {"category": 1}}'
    assert "schema_violations" in failed(get(uid="alice"), request(api))["schema"]


@pytest.mark.contract("C.12/api_request")
def test_the_same_call_is_answered_from_the_cache(api: Api) -> None:
    enricher = RecordEnricher(IGLU, 1_000_000, configured(request(api)))
    made = Outputs()
    for user in ("alice", "bob", "alice"):
        enricher.add(encode(get(uid=user)), ETL_TSTAMP, made)
    assert [path for _, path, _, _ in api.requests] == ["/users/alice", "/users/bob"]
    assert [bool(cells(line)["derived_contexts"]) for line in made.good] == [True, True, True]


@pytest.mark.contract("C.12/api_request")
def test_a_service_that_does_not_answer_is_not_called_again_and_again(api: Api) -> None:
    api.url = "http://127.0.0.1:1"
    enricher = RecordEnricher(IGLU, 1_000_000, configured(request(api)))
    made = Outputs()
    for number in range(6):
        enricher.add(encode(get(uid=f"alice{number}")), ETL_TSTAMP, made)
    errors = [message(json.loads(event))["error"] for event in made.bad]
    assert errors == ["the API does not answer: NewConnectionError"] * 5 + [
        "the API does not answer and is not called for now"
    ]


@pytest.mark.contract("C.12/api_request")
def test_only_failures_in_a_row_pause_the_calls_and_the_pause_ends(api: Api) -> None:
    now = 0.0
    client = Client(2.0, None, lambda: now)
    nobody, somebody = Request("GET", "http://127.0.0.1:1/", None), Request("GET", api.url, None)

    def fail(times: int) -> None:
        for _ in range(times):
            with pytest.raises(ApiError):
                client.call(nobody)

    fail(4)
    client.call(somebody)
    fail(4)
    client.call(somebody)
    fail(5)
    with pytest.raises(ApiError, match="not called for now"):
        client.call(somebody)
    now = 30.0
    client.call(somebody)
    assert len(api.requests) == 3


def test_a_wrong_input_or_address_stops_the_start(api: Api) -> None:
    def refused(document: Json) -> str:
        with pytest.raises(EnrichmentConfigError) as error:
            configured(document)
        return str(error.value)

    assert "parameters: inputs: a: nothing is not a column" in refused(
        request(api, {"key": "a", "pojo": {"field": "nothing"}})
    )
    assert "api.http.uri: begins with neither http:// nor https://" in refused(request(api, http={"uri": "ftp://x"}))
