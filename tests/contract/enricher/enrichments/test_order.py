"""Order of the enrichments, order of what they derive, and their failures.

Wire contract (docs/reference/wire-contract.md): C.6 Order of enrichments, D.2 The failure object, G Schemas of
derived contexts.
"""

import json
from copy import replace

import pytest
from snowplow_analytics_sdk.event_transformer import transform

from services.enricher.enrichments.chain import Enrichment, Enrichments
from services.enricher.enrichments.enrichable import Enrichable, simple
from services.enricher.processing.record_enricher import Outputs, RecordEnricher
from tests.fixtures.enricher import ETL_TSTAMP, GET, IGLU, SP, contexts, get, sdj
from tests.fixtures.enrichments import (
    CROSS_NAVIGATION,
    UA_PARSER,
    anon_ip,
    cookies,
    derived,
    enriched,
    failed,
    fingerprint,
    headers,
    outputs,
    pii,
)
from wire.collector_payload import encode

PAGE = "https://gitlab.com/?_sp=u.1700000000000"


@pytest.mark.contract("C.6/order", "C.6/derived-order")
def test_the_newest_context_stands_first_and_those_of_one_enrichment_keep_their_order() -> None:
    request = replace(get(url=PAGE), headers=("Cookie: a=1; b=2", "X-Test: x"))
    names = [
        context["schema"].split("/")[1]
        for context in derived(request, UA_PARSER, headers("X-.*"), cookies("a", "b"), CROSS_NAVIGATION)
    ]
    assert names == ["http_header", "http_cookie", "http_cookie", "cross_navigation", "ua_parser_context"]


@pytest.mark.contract("C.6/order")
def test_pii_hashes_what_anon_ip_left() -> None:
    with_both = enriched(GET, anon_ip(2), pii({"pojo": {"field": "user_ipaddress"}}))
    alone = enriched(replace(GET, ip_address="203.0.x.x"), pii({"pojo": {"field": "user_ipaddress"}}))
    assert with_both["user_ipaddress"] == alone["user_ipaddress"]


@pytest.mark.contract("C.6/failure-goes-on", "D.2/enrichment_failures")
def test_after_a_failure_the_later_enrichments_run_and_each_failure_is_a_message() -> None:
    def fail(_: Enrichable) -> None:
        raise simple("it did not work")

    named = Enrichment(fail, "ua-parser", "iglu:a/b/jsonschema/1-0-0")
    made = Outputs()
    enrichments = Enrichments(before_referrer=(named,), after_event_schema=(Enrichment(fail),))
    RecordEnricher(IGLU, 1_000_000, enrichments).add(encode(get(url="https://[")), ETL_TSTAMP, made)
    (event,) = map(json.loads, made.bad)
    assert event["schema"] == f"iglu:{SP}.badrows/enrichment_failures/jsonschema/2-0-1"
    last, first, url = event["data"]["failure"]["messages"]  # the newest first
    assert url["enrichment"] is None
    assert first == {
        "enrichment": {"schemaKey": "iglu:a/b/jsonschema/1-0-0", "identifier": "ua-parser"},
        "message": {"error": "it did not work"},
    }
    assert last == {"enrichment": None, "message": {"error": "it did not work"}}


@pytest.mark.contract("G/violation")
def test_a_derived_context_that_violates_its_schema_turns_the_event_into_a_schema_violation() -> None:
    request = replace(GET, headers=(f"X-Long: {'x' * 4097}", "X-Short: y"))
    event = failed(request, headers("X-.*"))
    assert event["schema"] == f"iglu:{SP}.badrows/schema_violations/jsonschema/2-0-1"
    (message,) = event["data"]["failure"]["messages"]
    assert message["schemaKey"] == "iglu:org.ietf/http_header/jsonschema/1-0-0"
    assert message["error"]["dataReports"][0]["keyword"] == "maxLength"
    (kept,) = json.loads(event["data"]["payload"]["enriched"]["derived_contexts"])["data"]
    assert kept["data"] == {"name": "X-Short", "value": "y"}


def test_an_enrichments_failure_wins_over_a_derived_contexts_violation() -> None:
    request = replace(get(url="https://gitlab.com/?_sp=u.soon"), headers=(f"X-Long: {'x' * 4097}",))
    assert "enrichment_failures" in failed(request, headers("X-.*"))["schema"]


def test_the_analytics_sdk_reads_what_was_derived() -> None:
    context = sdj(f"{SP}/client_side_bot_detection/jsonschema/1-0-0", {"bot": True})
    request = get(url=PAGE, co=contexts(context))
    (line,) = outputs(
        request, UA_PARSER, CROSS_NAVIGATION, fingerprint(), pii({"pojo": {"field": "refr_domain_userid"}})
    ).good
    event = transform(line.decode())
    assert event["contexts_com_snowplowanalytics_snowplow_ua_parser_context_1"][0]["osFamily"] == "Other"
    assert len(event["refr_domain_userid"]) == 64
    assert len(event["event_fingerprint"]) == 32
