"""No text of a sender leaves by an enrichment: not by what it derives, not by its failure, not by a log."""

import json
import logging
from copy import replace
from typing import Any

import pytest

from lambda_src.pseudonymizer.formats import enriched_event, failed_event
from tests.fixtures.enricher import SP, base64, get
from tests.fixtures.enrichments import (
    CROSS_NAVIGATION,
    EN,
    UA_PARSER,
    configuration,
    cookies,
    fingerprint,
    headers,
    outputs,
    pii,
)
from tests.unit.pseudonymizer.samples import make_plan
from wire.collector_payload import CollectorPayload

type Json = dict[str, Any]

PLAN = make_plan()
FIELDS = {f"mkt{part}": [part.lower()] for part in ("Medium", "Source", "Term", "Content", "Campaign")}
DOCUMENTS = (
    UA_PARSER,
    CROSS_NAVIGATION,
    fingerprint(),
    cookies("alice", "s"),
    headers(".*"),
    configuration(SP, "campaign_attribution", "1-0-1", {"fields": FIELDS}),
    configuration(
        SP, "referer_parser", "2-0-1", {"internalDomains": [], "uri": "embedded:///", "database": "referers.json"}
    ),
)
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 alice"


def request(timestamp: str) -> CollectorPayload:
    crossing = ".".join(("alice", timestamp, "", base64("alice"), base64("alice"), "web", base64("alice")))
    query = "&".join(f"{name}=alice" for name in ("medium", "source", "term", "content", "campaign", "gclid"))
    sent = get(
        url=f"https://gitlab.com/?{query}&_sp={crossing}", refr="https://www.google.com/search?q=alice", uid="alice"
    )
    return replace(sent, user_agent=CHROME, headers=("Cookie: alice=alice; s=alice", "X-Alice: alice"))


def test_what_is_derived_is_pseudonymized_and_families_are_shown() -> None:
    (line,) = outputs(request("1700000000000"), *DOCUMENTS).good
    assert line.count(b"alice") > 15
    shown = enriched_event.make(PLAN).line(line)
    assert "alice" not in shown.lower()
    assert '"useragentFamily":"Chrome","useragentMajor":"131"' in shown
    assert '"osFamily":"Linux"' in shown
    assert "\tsearch\tGoogle\t" in shown


def test_a_failure_is_readable_and_quotes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    http = {"method": "GET", "uri": "http://127.0.0.1:1/{{user}}", "timeout": 1000, "authentication": {}}
    api = {
        "inputs": [{"key": "user", "pojo": {"field": "user_id"}}],
        "api": {"http": http},
        "outputs": [{"schema": f"iglu:{SP}/timing/jsonschema/1-0-0", "json": {"jsonPath": "$"}}],
        "cache": {"size": 1, "ttl": 1},
    }
    document = configuration(EN, "api_request_enrichment_config", "1-0-2", api)
    with caplog.at_level(logging.INFO):
        (event,) = outputs(request("alice"), *DOCUMENTS, document, pii({"pojo": {"field": "domain_userid"}})).bad
    assert "alice" not in caplog.text.lower()
    shown = failed_event.make(PLAN).line(event)
    assert "alice" not in shown.lower()
    messages = json.loads(shown)["data"]["failure"]["messages"]
    assert [message["enrichment"]["identifier"] for message in messages] == ["api-request", "cross-navigation"]
    assert messages[1]["message"]["expectation"] == "Not in the expected format: ms since epoch"
    assert messages[0]["message"] == {"error": "the API does not answer: <value>"}


def test_originals_go_to_the_vaults_output_only(caplog: pytest.LogCaptureFixture) -> None:
    item = {"pojo": {"field": "user_id"}}
    with caplog.at_level(logging.DEBUG):
        made = outputs(get(uid="alice"), pii(item))
    assert b"alice" not in b"".join(made.good)
    assert b"alice" in made.pii[0]
    assert "alice" not in caplog.text
