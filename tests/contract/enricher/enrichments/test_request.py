"""Enrichments that read the request: address, user agent, cookies, headers, parameters, campaign, link.

Wire contract (docs/reference/wire-contract.md): C.12 Enrichments.
"""

import hashlib
import json
from copy import replace
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.fixtures.enricher import GET, SP, base64, get, post
from tests.fixtures.enrichments import (
    CROSS_NAVIGATION,
    EN,
    UA_PARSER,
    anon_ip,
    configuration,
    cookies,
    derived,
    enriched,
    failed,
    fingerprint,
    headers,
)
from wire.collector_payload import CollectorPayload

type Json = dict[str, Any]

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
    "Mobile/15E148 Safari/604.1"
)


def page(**query: str) -> CollectorPayload:
    return get(url=f"https://gitlab.com/?{urlencode(query)}")


@pytest.mark.contract("C.12/anon_ip")
@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("70.46.123.145", "70.46.x.x"),
        ("2001:db8::ff00:42:8329", "2001:db8:0:0:0:x:x:x"),
        ("::FFFF:70.46.123.145", "::FFFF:70.46.x.x"),
        ("::ffff:70.46.123.145", "70.46.x.x"),
        ("0:0:0:0:0:ffff:462e:7b91", "70.46.x.x"),
        ("[2001:db8::ff00:42:8329]", "2001:db8:0:0:0:x:x:x"),
        ("[2001:DB8::ff00:42:8329]:443", "2001:db8:0:0:0:x:x:x"),
        ("fe80::1:2:3%eth0", "fe80:0:0:0:0:x:x:x"),
        ("70.46.123.145:8080", "70.46.x.x"),
        ("::ffff:462e:7b91", "70.46.x.x"),
        ("1.2.3", "1.2.x.x"),
        ("1177451409", "70.46.x.x"),
        ("999.1.2.3", "x"),
        ("fe80:zz", "x"),
        ("1:2:3:4:5:6:7:8:9:10", "x"),
        ("alice.example.net", "x"),
        ("alice", "x"),
        ("unknown", "unknown"),
    ],
)
def test_the_end_of_an_address_is_masked(address: str, expected: str) -> None:
    assert enriched(get(ip=address), anon_ip(2, anonSegments=3))["user_ipaddress"] == expected


@pytest.mark.contract("C.12/anon_ip")
def test_segments_are_as_many_as_octets_unless_said() -> None:
    assert enriched(get(ip="1:2:3:4:5:6:7:8"), anon_ip(4))["user_ipaddress"] == "1:2:3:4:x:x:x:x"
    assert enriched(get(ip="1.2.3.4"), anon_ip(4))["user_ipaddress"] == "x.x.x.x"


@pytest.mark.contract("C.12/ua_parser")
def test_a_user_agent_becomes_families_and_versions() -> None:
    (context,) = derived(replace(GET, user_agent=IPHONE), UA_PARSER)
    assert context == {
        "schema": f"iglu:{SP}/ua_parser_context/jsonschema/1-0-0",
        "data": {
            "useragentFamily": "Mobile Safari",
            "useragentMajor": "17",
            "useragentMinor": "5",
            "useragentPatch": None,
            "useragentVersion": "Mobile Safari 17.5",
            "osFamily": "iOS",
            "osMajor": "17",
            "osMinor": "5",
            "osPatch": "1",
            "osPatchMinor": None,
            "osVersion": "iOS 17.5.1",
            "deviceFamily": "iPhone",
        },
    }
    (context,) = derived(get(ua=CHROME), UA_PARSER)
    assert (context["data"]["useragentVersion"], context["data"]["osVersion"]) == ("Chrome 131.0.0", "Windows 10")


@pytest.mark.contract("C.12/ua_parser")
def test_an_unknown_user_agent_is_other_and_none_gives_nothing() -> None:
    (context,) = derived(replace(GET, user_agent="x"), UA_PARSER)
    families = {name: text for name, text in context["data"].items() if text is not None}
    assert families == dict.fromkeys(
        ("useragentFamily", "useragentVersion", "osFamily", "osVersion", "deviceFamily"), "Other"
    )
    assert derived(replace(GET, user_agent=None), UA_PARSER) == []


MARKETING = {
    "Medium": ["utm_medium", "medium"],
    "Source": ["utm_source"],
    "Term": ["utm_term"],
    "Content": ["c"],
    "Campaign": ["k"],
}


def campaign(click_ids: Json | None = None) -> Json:
    fields: Json = {f"mkt{name}": parameters for name, parameters in MARKETING.items()}
    fields |= {} if click_ids is None else {"mktClickId": click_ids}
    return configuration(SP, "campaign_attribution", "1-0-1", {"mapping": "static", "fields": fields})


@pytest.mark.contract("C.12/campaign")
def test_the_first_configured_parameter_that_is_there_names_the_campaign() -> None:
    event = enriched(
        page(medium="second", utm_medium="first", utm_source="a b\tc", UTM_TERM="x", c="", k="Früh"), campaign()
    )
    assert [event[f"mkt_{part}"] for part in ("medium", "source", "term", "content", "campaign")] == [
        "first", "a b    c", "", "", "Früh",
    ]  # fmt: skip


@pytest.mark.contract("C.12/campaign")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"gclid": "1"}, ("1", "Google")),
        ({"msclkid": "2"}, ("2", "Microsoft")),
        ({"dclid": "3"}, ("3", "DoubleClick")),
        ({"li_fat_id": "4"}, ("4", "LinkedIn")),
        ({"x": "5"}, ("", "")),
    ],
)
def test_a_click_id_names_its_network(query: dict[str, str], expected: tuple[str, str]) -> None:
    event = enriched(page(**query), campaign({"li_fat_id": "LinkedIn"}))
    assert (event["mkt_clickid"], event["mkt_network"]) == expected


@pytest.mark.contract("C.12/campaign")
def test_a_configured_network_wins_and_no_page_is_no_campaign() -> None:
    assert enriched(page(gclid="1"), campaign({"gclid": "Ours"}))["mkt_network"] == "Ours"
    assert enriched(GET, campaign())["mkt_source"] == ""


def link(*parts: str) -> CollectorPayload:
    return page(_sp=".".join(parts))


@pytest.mark.contract("C.12/cross_navigation")
def test_a_link_carries_who_followed_it() -> None:
    session = "5b2c1c5e-2b3f-4f0e-9a67-0c1f9d6a7d11"
    request = link("abc", "1700000000123", session, base64("alice"), base64("docs"), "web", base64("menu"))
    event = enriched(request, CROSS_NAVIGATION)
    assert (event["refr_domain_userid"], event["refr_dvce_tstamp"]) == ("abc", "2023-11-14 22:13:20.123")
    assert json.loads(event["derived_contexts"])["data"] == [
        {
            "schema": f"iglu:{SP}/cross_navigation/jsonschema/1-0-0",
            "data": {
                "domain_user_id": "abc",
                "timestamp": "2023-11-14T22:13:20.123Z",
                "session_id": session,
                "user_id": "alice",
                "source_id": "docs",
                "source_platform": "web",
                "reason": "menu",
            },
        }
    ]


@pytest.mark.contract("C.12/cross_navigation")
def test_the_columns_are_filled_without_the_enrichment_too() -> None:
    event = enriched(link("abc", "1700000000123"))
    assert (event["refr_domain_userid"], event["refr_dvce_tstamp"]) == ("abc", "2023-11-14 22:13:20.123")
    assert event["derived_contexts"] == ""


@pytest.mark.contract("C.12/cross_navigation")
def test_missing_parts_are_null_and_an_eighth_is_too_many() -> None:
    (context,) = derived(link("abc", "1700000000123", "", ""), CROSS_NAVIGATION)
    assert [name for name, value in context["data"].items() if value is not None] == ["domain_user_id", "timestamp"]
    assert derived(link("abc"), CROSS_NAVIGATION) == []
    event = enriched(link("abc", "1", "", "", "", "", "", ""), CROSS_NAVIGATION)
    assert (event["refr_domain_userid"], event["derived_contexts"]) == ("", "")


@pytest.mark.contract("C.12/cross_navigation")
def test_a_wrong_timestamp_fails_the_event_and_is_not_quoted_in_the_text() -> None:
    def message(*documents: Json) -> Json:
        (found,) = failed(link("abc", "soon"), *documents)["data"]["failure"]["messages"]
        result: Json = found
        return result

    expected = {"field": "sp_dtm", "value": "soon", "expectation": "Not in the expected format: ms since epoch"}
    assert message() == {"enrichment": None, "message": expected}
    which = {"schemaKey": f"iglu:{EN}/cross_navigation_config/jsonschema/1-0-0", "identifier": "cross-navigation"}
    assert message(CROSS_NAVIGATION) == {"enrichment": which, "message": expected}


@pytest.mark.contract("C.12/event_fingerprint")
@pytest.mark.parametrize("algorithm", ["MD5", "SHA1", "SHA256", "SHA384", "SHA512"])
def test_the_fingerprint_is_a_hash_of_sorted_parameters(algorithm: str) -> None:
    event = enriched(get(eid="5b2c1c5e-2b3f-4f0e-9a67-0c1f9d6a7d11", aid="ü"), fingerprint("eid", algorithm=algorithm))
    text = "aid\x1fü\x1fe\x1fpv\x1fp\x1fweb\x1f".encode()
    assert event["event_fingerprint"] == hashlib.new(algorithm, text).hexdigest()


@pytest.mark.contract("C.12/event_fingerprint")
def test_keys_are_sorted_by_utf_16_and_those_without_value_left_out() -> None:
    query = f"e=pv&p=web&{quote('\uff5e')}=1&{quote('😀')}=2&aid"
    event = enriched(replace(GET, querystring=query), fingerprint("e", "p"))
    text = "😀\x1f2\x1f\uff5e\x1f1\x1f".encode()
    assert event["event_fingerprint"] == hashlib.md5(text, usedforsecurity=False).hexdigest()


@pytest.mark.contract("C.12/event_fingerprint")
def test_the_querystring_of_a_post_is_part_of_the_fingerprint() -> None:
    events = [
        enriched(post({"aid": "a"}, querystring=f"cv={version}"), fingerprint("tv"))["event_fingerprint"]
        for version in ("c-1", "c-2")
    ]
    assert events[0] != events[1]


@pytest.mark.contract("C.12/cookie_extractor")
def test_cookies_of_the_configured_names_are_derived_in_their_order() -> None:
    lines = ("Host: a", 'COOKIE: b=2; a = 1 ;A=0; c; q="x; \\"y\\""; b=3', "X-Cookie: a=9", "cookie:")
    found = derived(replace(GET, headers=lines), cookies("a", "b", "c", "q"))
    assert {context["schema"] for context in found} == {"iglu:org.ietf/http_cookie/jsonschema/1-0-0"}
    assert [(context["data"]["name"], context["data"]["value"]) for context in found] == [
        ("b", "2"), ("a", "1"), ("c", None), ("q", 'x; "y"'), ("b", "3"),
    ]  # fmt: skip


@pytest.mark.contract("C.12/http_header_extractor")
def test_headers_whose_whole_name_fulfils_the_pattern_are_derived() -> None:
    lines = ("X-Test: a:b ", "X-Tester: no", "x-test: no", "application/json", "X-Test:  c")
    found = derived(replace(GET, headers=lines), headers("X-(Test|Other)"))
    assert {context["schema"] for context in found} == {"iglu:org.ietf/http_header/jsonschema/1-0-0"}
    assert [context["data"] for context in found] == [
        {"name": "X-Test", "value": "a:b"},
        {"name": "X-Test", "value": "c"},
    ]
