"""pii: what is replaced by which digest, and the event for the vault.

Wire contract (docs/reference/wire-contract.md): C.13 The pii enrichment.
"""

import hashlib
import json
from copy import replace
from typing import Any

import pytest
from snowplow_analytics_sdk.event_transformer import transform

from services.enricher.processing.record_enricher import Outputs, RecordEnricher
from tests.fixtures.enricher import ETL_TSTAMP, GET, IGLU, SP, USER, cells, contexts, get, sdj, unstruct
from tests.fixtures.enrichments import UA_PARSER, configured, enriched, outputs, pii
from wire.collector_payload import encode

type Json = dict[str, Any]

FORM = f"{SP}/submit_form/jsonschema/1-0-0"
CRITERION = f"iglu:{SP}/submit_form/jsonschema/1-*-*"
FIELDS = """
user_id user_ipaddress user_fingerprint domain_userid network_userid ip_organization ip_domain tr_orderid ti_orderid
mkt_term mkt_content se_category se_action se_label se_property mkt_clickid refr_domain_userid domain_sessionid
""".split()  # noqa: SIM905


def sha256(text: str) -> str:
    return hashlib.sha256(f"{text}pepper123".encode()).hexdigest()


def field(name: str) -> Json:
    return {"pojo": {"field": name}}


def at(path: str, column: str = "unstruct_event", criterion: str = CRITERION) -> Json:
    return {"json": {"field": column, "schemaCriterion": criterion, "jsonPath": path}}


def elements(name: str = "user", value: str = "alice", second: str = "") -> list[Json]:
    return [
        {"name": name, "value": value, "nodeName": "INPUT"},
        {"name": second, "value": None, "nodeName": "INPUT"},
    ]


def form() -> Json:
    data = {
        "formId": "login",
        "formClasses": ["wide", "dark"],
        "elements": elements(),
    }
    return sdj(FORM, data)


def submitted(*items: Json) -> Json:
    """Return the form's data after the enrichment."""
    cell = enriched(get(e="ue", ue_pr=unstruct(form())), pii(*items))["unstruct_event"]
    found: Json = json.loads(cell)["data"]["data"]
    return found


@pytest.mark.contract("C.13/function")
@pytest.mark.parametrize(
    ("function", "digest"),
    [
        ("MD2", "da853b0d3f88d99b30283a69e6ded6bb"),
        ("MD5", hashlib.md5(b"abc", usedforsecurity=False).hexdigest()),
        ("SHA-1", hashlib.sha1(b"abc", usedforsecurity=False).hexdigest()),
        ("SHA-256", hashlib.sha256(b"abc").hexdigest()),
        ("SHA-384", hashlib.sha384(b"abc").hexdigest()),
        ("SHA-512", hashlib.sha512(b"abc").hexdigest()),
    ],
)
def test_a_field_becomes_the_digest_of_value_and_salt(function: str, digest: str) -> None:
    assert enriched(get(uid="ab"), pii(field("user_id"), function=function, salt="c"))["user_id"] == digest


@pytest.mark.contract("C.13/pojo")
def test_every_field_of_the_list_can_be_configured_and_an_empty_one_stays_empty() -> None:
    request = get(uid="u", fp="f", duid="d", tr_id="t", ti_id="i", se_ca="c", se_ac="a", se_la="l", se_pr="p", sid=USER)
    event = enriched(request, pii(*map(field, FIELDS)))
    plain = enriched(request)
    filled = {name for name in FIELDS if plain[name]}
    assert len(filled) == 12
    assert {name: event[name] for name in FIELDS} == {
        name: sha256(plain[name]) if name in filled else "" for name in FIELDS
    }
    assert {name for name in event if event[name] != plain[name]} - filled == {"event_id"}


@pytest.mark.contract("C.13/path")
@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("$.formId", {"formId": sha256("login")}),
        ("$['formId','nothing']", {"formId": sha256("login")}),
        ("$.['formId']", {"formId": sha256("login")}),
        ("$.formClasses", {"formClasses": [sha256("wide"), sha256("dark")]}),
        ("$.formClasses[*]", {"formClasses": [sha256("wide"), sha256("dark")]}),
        ("$.formClasses[-1:]", {"formClasses": ["wide", sha256("dark")]}),
        ("$.elements[?(@.name == 'user')].value", {"elements": elements(value=sha256("alice"))}),
        ("$..value", {"elements": elements(value=sha256("alice"))}),
        ("$.elements[*].name", {"elements": elements(name=sha256("user"), second=sha256(""))}),
        ("$.elements", {}),
        ("$.elements[0]", {}),
        ("$.missing.too", {}),
    ],
)  # fmt: skip
def test_text_at_a_path_is_replaced_and_nothing_else(path: str, changed: Json) -> None:
    assert submitted(at(path)) == {**form()["data"], **changed}


@pytest.mark.contract("C.13/criterion")
@pytest.mark.parametrize(
    ("criterion", "matches"),
    [("1-*-*", True), ("1-0-*", True), ("1-0-0", True), ("1-0-1", False), ("2-*-*", False), ("1-1-*", False)],
)
def test_only_entities_of_the_criterion_are_changed(criterion: str, matches: bool) -> None:
    item = at("$.formId", criterion=f"iglu:{SP}/submit_form/jsonschema/{criterion}")
    assert (submitted(item)["formId"] == sha256("login")) is matches


@pytest.mark.contract("C.13/order")
def test_contexts_and_derived_contexts_are_changed_too_and_numbers_keep_their_text() -> None:
    timing = sdj(f"{SP}/timing/jsonschema/1-0-0", {"category": "c", "variable": "v", "timing": 1.50})
    items = [
        at("$.category", "contexts", f"iglu:{SP}/timing/jsonschema/1-0-*"),
        at("$.osFamily", "derived_contexts", f"iglu:{SP}/ua_parser_context/jsonschema/1-*-*"),
    ]
    co = contexts(timing, timing).replace("1.5", "1.50")
    event = enriched(replace(get(co=co), user_agent="x"), UA_PARSER, pii(*items))
    data = f'{{"category":"{sha256("c")}","variable":"v","timing":1.50}}'
    assert event["contexts"].count(data) == 2
    assert json.loads(event["derived_contexts"])["data"][0]["data"]["osFamily"] == sha256("Other")


@pytest.mark.contract("C.13/order")
def test_a_derived_context_that_is_kept_for_the_next_event_stays_as_it_was() -> None:
    item = at("$.osFamily", "derived_contexts", f"iglu:{SP}/ua_parser_context/jsonschema/1-*-*")
    enricher = RecordEnricher(IGLU, 1_000_000, configured(UA_PARSER, pii(item)))
    made = Outputs()
    for _ in range(2):
        enricher.add(encode(replace(GET, user_agent="x")), ETL_TSTAMP, made)
    first, second = (cells(line)["derived_contexts"] for line in made.good)
    assert first == second


@pytest.mark.contract("C.13/anonymousOnly")
def test_anonymous_only_waits_for_the_header() -> None:
    document = pii(field("user_id"), anonymousOnly=True)
    assert enriched(get(uid="alice"), document)["user_id"] == "alice"
    anonymous = replace(get(uid="alice"), headers=("SP-Anonymous: *",))
    assert enriched(anonymous, document)["user_id"] == sha256("alice")


@pytest.mark.contract("C.13/length")
def test_the_length_is_checked_after_hashing() -> None:
    long = "x" * 300
    assert (
        enriched(get(uid=long), pii(field("user_id"), function="SHA-512"))["user_id"]
        == hashlib.sha512(f"{long}pepper123".encode()).hexdigest()
    )


@pytest.mark.contract("C.13/emitEvent", "C.13/transformation")
def test_the_transformation_is_an_event_of_its_own_in_the_third_output() -> None:
    request = get(e="ue", aid="gitlab", uid="alice", duid="d", ue_pr=unstruct(form()))
    made = outputs(request, pii(field("user_id"), field("domain_userid"), at("$.formId"), at("$.formClasses[0]")))
    parent, event = cells(made.good[0]), cells(made.pii[0])
    assert not made.bad
    assert json.loads(event.pop("unstruct_event")) == sdj(
        f"{SP}/unstruct_event/jsonschema/1-0-0",
        sdj(
            f"{SP}/pii_transformation/jsonschema/1-0-0",
            {
                "pii": {
                    "pojo": [
                        {"fieldName": "domain_userid", "originalValue": "d", "modifiedValue": sha256("d")},
                        {"fieldName": "user_id", "originalValue": "alice", "modifiedValue": sha256("alice")},
                    ],
                    "json": [
                        {
                            "fieldName": "unstruct_event",
                            "originalValue": original,
                            "modifiedValue": sha256(original),
                            "jsonPath": path,
                            "schema": f"iglu:{FORM}",
                        }
                        for original, path in (("wide", "$.formClasses[0]"), ("login", "$.formId"))
                    ],
                },
                "strategy": {"pseudonymize": {"hashFunction": "SHA-256"}},
            },
        ),
    )
    parent_event = sdj(f"{SP}/parent_event/jsonschema/1-0-0", {"parentEventId": parent["event_id"]})
    assert json.loads(event.pop("contexts"))["data"] == [parent_event]
    assert event.pop("event_id") != parent["event_id"]
    assert event.pop("derived_tstamp") == event.pop("true_tstamp") != ""
    assert {name: text for name, text in event.items() if text} == {
        "app_id": "gitlab",
        "platform": "srv",
        "etl_tstamp": ETL_TSTAMP,
        "collector_tstamp": parent["collector_tstamp"],
        "event": "pii_transformation",
        "v_etl": parent["v_etl"],
        "event_vendor": SP,
        "event_name": "pii_transformation",
        "event_format": "jsonschema",
        "event_version": "1-0-0",
    }


@pytest.mark.contract("C.13/transformation")
def test_the_relay_reads_the_transformation_with_the_analytics_sdk() -> None:
    (line,) = outputs(get(uid="alice"), pii(field("user_id"))).pii
    event = transform(line.decode())
    (replaced,) = event["unstruct_event_com_snowplowanalytics_snowplow_pii_transformation_1"]["pii"]["pojo"]
    assert (replaced["originalValue"], replaced["modifiedValue"]) == ("alice", sha256("alice"))
    assert b"pepper123" not in line


@pytest.mark.contract("C.13/emitEvent")
def test_nothing_is_emitted_when_nothing_changed_nor_when_it_is_off_nor_for_a_failed_event() -> None:
    assert outputs(GET, pii(field("user_id"))).pii == []
    assert outputs(get(uid="alice"), pii(field("user_id"), emitEvent=False)).pii == []
    made = outputs(get(uid="alice", url="https://["), pii(field("user_id")))
    assert (made.pii, len(made.bad)) == ([], 1)
