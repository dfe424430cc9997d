"""Enrichments that look values up in files: referrers, places, robots, networks of hosters.

Wire contract (docs/reference/wire-contract.md): C.12 Enrichments, H Files of enrichments.
"""

import json
from collections.abc import Mapping
from copy import replace
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from tests.fixtures.enricher import GET, SP, contexts, get, sdj
from tests.fixtures.enrichments import EN, configuration, derived, enriched, failed
from wire.collector_payload import CollectorPayload

type Json = dict[str, Any]


def database(directory: Path, name: str, content: str | Mapping[str, Json]) -> Json:
    """Write a file, a MaxMind database for networks and their records; return how a configuration names it."""
    if isinstance(content, str):
        (directory / name).write_text(content)
    else:
        writer = MMDBWriter(6, name, languages=["en"], ipv4_compatible=True, int_type="u32", float_type="f64")
        for network, record in content.items():
            writer.insert_network(IPSet([network]), record)
        writer.to_db_file(str(directory / name))
    return {"uri": f"file://{directory}/", "database": name}


SITES = {
    "search": {
        "Google": {"domains": ["google.com", "www.google.com"], "parameters": ["q", "query"]},
        "Google Images": {"domains": ["google.com/imgres"], "parameters": ["q"]},
        "Full": {"domains": ["example.org/a/b"]},
    },
    "social": {"GitHub": {"domains": ["github.com"], "parameters": ["q"]}},
}


def referer(directory: Path, **more: object) -> Json:
    file = database(directory, "referers.json", json.dumps(SITES))
    parameters = {"internalDomains": [" docs.gitlab.com "], **file, **more}
    return configuration(SP, "referer_parser", "2-0-1", parameters)


@pytest.mark.contract("C.12/referer_parser", "H/referers")
@pytest.mark.parametrize(
    ("referrer", "expected"),
    [
        ("https://www.google.com/search?x=1&query=a+b%20c&q=later", ("search", "Google", "a b c")),
        ("https://news.google.com/", ("search", "Google", "")),
        ("https://www.google.com/imgres/x?q=1", ("search", "Google Images", "1")),
        ("http://a.example.org/a/b", ("search", "Full", "")),
        ("http://example.org/a/c", ("unknown", "", "")),
        ("http://github.com/x?q=1", ("social", "GitHub", "")),
        ("https://gitlab.com/x", ("internal", "", "")),
        ("https://docs.gitlab.com/", ("internal", "", "")),
        ("https://x.docs.gitlab.com/", ("unknown", "", "")),
        ("android-app://google.com/", ("search", "Google", "")),
        ("ftp://google.com/", ("", "", "")),
        ("/relative", ("", "", "")),
        ("https://under_score.google.com/", ("", "", "")),
    ],
)
def test_a_referrer_has_a_medium(tmp_path: Path, referrer: str, expected: tuple[str, str, str]) -> None:
    event = enriched(get(url="https://gitlab.com/", refr=referrer), referer(tmp_path))
    assert (event["refr_medium"], event["refr_source"], event["refr_term"]) == expected


@pytest.mark.contract("C.12/utm_referrer")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("utm_source=chatgpt.com", {"source": "ChatGPT", "medium": "chatbot"}),
        ("a=b&utm_source=chatgpt%2Ecom", {"source": "ChatGPT", "medium": "chatbot"}),
        ("utm_source=ours", {"source": "Own", "medium": "internal tools"}),
        ("utm_source=both", {"source": "Own", "medium": "internal tools"}),
        ("utm_source=ChatGPT.com", None),
        ("utm_source=", None),
        ("utm_medium=chatgpt.com", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("referrer", ["https://www.google.com/search?q=x", "", "https://gitlab.com/"])
def test_a_page_says_by_utm_source_who_sent_the_visitor(
    tmp_path: Path, query: str, found: Json | None, referrer: str
) -> None:
    bots = {"chatbot": {"ChatGPT": {"domains": ["chatgpt.com"], "utm_sources": ["chatgpt.com", "both"]}}}
    file = database(tmp_path, "referers.json", json.dumps(SITES | bots))
    own = {"internal tools": {"Own": {"domains": ["own.example"], "utm_sources": ["ours", "both"]}}}
    document = configuration(SP, "referer_parser", "2-0-2", {"internalDomains": [], **file, "referrers": own})
    request = get(url=f"https://gitlab.com/?{query}", refr=referrer)
    contexts = derived(request, document)
    assert contexts == ([{"schema": f"iglu:{SP}/utm_referrer/jsonschema/1-0-0", "data": found}] if found else [])
    columns = ("refr_medium", "refr_source", "refr_term")
    with_query, without = (
        enriched(each, document) for each in (request, get(url="https://gitlab.com/", refr=referrer))
    )
    assert [with_query[name] for name in columns] == [without[name] for name in columns]


@pytest.mark.contract("C.12/referer_parser")
def test_the_configured_referrers_are_asked_first(tmp_path: Path) -> None:
    own = {"partner": {"Ours": {"domains": ["google.com"]}}}
    event = enriched(get(refr="https://google.com/imgres"), referer(tmp_path, referrers=own))
    assert (event["refr_medium"], event["refr_source"]) == ("partner", "Ours")


def test_what_is_shipped_knows_every_source_that_the_policy_shows() -> None:
    shipped = {"internalDomains": [], "uri": "embedded:///", "database": "referers.json"}
    document = configuration(SP, "referer_parser", "2-0-0", shipped)
    for host, source in (("www.google.de", "Google"), ("t.co", "Twitter"), ("m.youtube.com", "Youtube")):
        assert enriched(get(refr=f"https://{host}/"), document)["refr_source"] == source


CITY = {
    "country": {"iso_code": "GB", "names": {"en": "United Kingdom"}},
    "city": {"names": {"en": "London", "de": "London"}},
    "subdivisions": [
        {"iso_code": "ENG", "names": {"en": "England"}},
        {"iso_code": "LND", "names": {"en": "Greater London"}},
    ],
    "postal": {"code": "OX1"},
    "location": {"latitude": 51.5142, "longitude": -0.0931, "time_zone": "Europe/London", "accuracy_radius": 10},
}
NETWORK = "81.2.69.0/24"


def lookups(directory: Path) -> Json:
    isp = {"isp": "Andrews & Arnold", "organization": "STONEHOUSE"}
    parameters = {
        "geo": database(
            directory, "GeoLite2-City.mmdb", {NETWORK: CITY, "2001:db8::/32": {"country": {"iso_code": "FR"}}}
        ),
        "isp": database(directory, "GeoIP2-ISP.mmdb", {NETWORK: isp}),
        "domain": database(directory, "GeoIP2-Domain.mmdb", {NETWORK: {"domain": "in-addr.arpa"}}),
        "connectionType": database(
            directory, "GeoIP2-Connection-Type.mmdb", {NETWORK: {"connection_type": "Cable/DSL"}}
        ),
        "asn": database(
            directory,
            "GeoLite2-ASN.mmdb",
            {NETWORK: {"autonomous_system_number": 64500, "autonomous_system_organization": "Acme"}},
        ),
    }
    return configuration(SP, "ip_lookups", "2-0-1", parameters)


@pytest.mark.contract("C.12/ip_lookups")
@pytest.mark.parametrize("address", ["81.2.69.160", "81.2.69.160:8080", "::ffff:81.2.69.160"])
def test_an_address_has_a_place_and_a_provider(tmp_path: Path, address: str) -> None:
    event = enriched(get(ip=address), lookups(tmp_path))
    assert {name: text for name, text in event.items() if name.startswith(("geo_", "ip_"))} == {
        "geo_country": "GB",
        "geo_region": "LND",
        "geo_city": "London",
        "geo_zipcode": "OX1",
        "geo_latitude": "51.5142",
        "geo_longitude": "-0.0931",
        "geo_region_name": "Greater London",
        "geo_timezone": "Europe/London",
        "ip_isp": "Andrews & Arnold",
        "ip_organization": "STONEHOUSE",
        "ip_domain": "in-addr.arpa",
        "ip_netspeed": "Cable/DSL",
    }
    (asn,) = json.loads(event["derived_contexts"])["data"]
    assert asn == sdj(f"{SP}/asn/jsonschema/1-0-1", {"number": 64500, "organization": "Acme"})


@pytest.mark.contract("C.12/ip_notations")
@pytest.mark.parametrize(
    "address",
    ["0x51.02.69.160", "0x510245a0", "::ffff:5102:45a0", "::5102:45a0", "1359103392", "81.2.69.160\t",
     "160.69.2.81.in-addr.arpa"],
)  # fmt: skip
def test_an_address_is_found_in_every_notation(tmp_path: Path, address: str) -> None:
    event = enriched(replace(GET, ip_address=address), lookups(tmp_path))
    assert event["geo_city"] == "London"


@pytest.mark.contract("C.12/ip_notations")
@pytest.mark.parametrize("address", ["2001:db8:1::5%eth0", "20010db8000000000000000000000001"])
def test_an_ipv6_address_is_found_in_every_notation(tmp_path: Path, address: str) -> None:
    assert enriched(replace(GET, ip_address=address), lookups(tmp_path))["geo_country"] == "FR"


@pytest.mark.contract("C.12/ip_notations")
@pytest.mark.parametrize("address", ["*", "**", "/16", "[*]"])
def test_what_stands_for_all_addresses_fails_the_event(tmp_path: Path, address: str) -> None:
    event = failed(get(ip=address), lookups(tmp_path))
    assert "enrichment_failures" in event["schema"]
    assert enriched(get(ip=address))["user_ipaddress"] == address


@pytest.mark.contract("C.12/asn_of_isp")
def test_the_network_of_the_isp_database_is_taken_where_no_other_has_it(tmp_path: Path) -> None:
    number = {"autonomous_system_number": 64501, "autonomous_system_organization": "Acme"}
    document = configuration(
        SP, "ip_lookups", "2-0-1", {"isp": database(tmp_path, "GeoIP2-ISP.mmdb", {NETWORK: {"isp": "A", **number}})}
    )
    (asn,) = derived(get(ip="81.2.69.160"), document)
    assert asn["data"] == {"number": 64501, "organization": "Acme"}


@pytest.mark.contract("C.12/ip_lookups")
def test_a_place_without_coordinates_is_at_zero(tmp_path: Path) -> None:
    event = enriched(get(ip="2001:db8::1"), lookups(tmp_path))
    assert (event["geo_latitude"], event["geo_longitude"]) == ("0.0", "0.0")


@pytest.mark.contract("C.12/ip_lookups")
def test_ipv6_with_brackets_and_port_is_found_and_what_is_unknown_has_no_fields(tmp_path: Path) -> None:
    document = lookups(tmp_path)
    assert enriched(get(ip="[2001:db8::1]:443"), document)["geo_country"] == "FR"
    for address in ("10.0.0.1", "unknown", "300.1.1.1", ":::"):
        event = enriched(get(ip=address), document)
        assert (event["geo_country"], event["ip_isp"], event["derived_contexts"]) == ("", "", "")


HOSTERS = 'asn,name\n64500,Acme\n64501,"B, C"\n'


def asn_lookups(directory: Path, **more: object) -> Json:
    file = database(directory, "bots.csv", HOSTERS)
    return configuration(EN, "asn_lookups", "1-0-0", {"botAsnsFile": file, "bypassPlatforms": ["srv"], **more})


@pytest.mark.contract("C.12/asn_lookups", "H/bot-asns")
def test_the_network_of_a_hoster_is_marked(tmp_path: Path) -> None:
    def mark(request: CollectorPayload, *documents: Json) -> object:
        (context,) = derived(request, lookups(tmp_path), *documents)
        return context["data"].get("likelyBot")

    assert mark(get(ip="81.2.69.1"), asn_lookups(tmp_path)) is True
    assert mark(get(ip="81.2.69.1", p="srv"), asn_lookups(tmp_path)) is None
    own = configuration(EN, "asn_lookups", "1-0-0", {"botAsns": [{"asn": 64500}]})
    assert mark(get(ip="81.2.69.1"), own) is True
    other = configuration(EN, "asn_lookups", "1-0-0", {"botAsns": [{"asn": 64999}]})
    assert mark(get(ip="81.2.69.1"), other) is False
    assert derived(get(ip="10.0.0.1"), lookups(tmp_path), asn_lookups(tmp_path)) == []


IP_LIST = "# networks\n192.0.2.0/24\n198.51.100.7\n2001:db8:1::/48\n"
INCLUDED = "# browsers\nMozilla/|1|1|\nOldBrowser|0|0|01/01/2023\nNewBrowser|0|0|01/01/2030\n"
EXCLUDED = (
    "Googlebot|1||0|2|0|\nspider|1|nospider, goodspider|0|0|0|\nStart|1||0|1|1|\n"
    "retired|0||0|0|0|01/01/2020\nnever|0||0|0|0|\n"
)


def robots(directory: Path, **more: object) -> Json:
    parameters = {
        "ipFile": database(directory, "ip_exclude_current_cidr.txt", IP_LIST),
        "excludeUseragentFile": database(directory, "exclude_current.txt", EXCLUDED),
        "includeUseragentFile": database(directory, "include_current.txt", INCLUDED),
        **more,
    }
    return configuration(EN, "iab_spiders_and_robots_enrichment", "1-0-1", parameters)


@pytest.mark.contract("C.12/iab", "H/iab")
@pytest.mark.parametrize(
    ("user_agent", "address", "expected"),
    [
        ("Mozilla/5.0", "10.0.0.1", (False, "BROWSER", "PASSED_ALL", "NONE")),
        ("x Mozilla/5.0", "10.0.0.1", (True, "SPIDER_OR_ROBOT", "FAILED_UA_INCLUDE", "UNKNOWN")),
        ("OldBrowser", "10.0.0.1", (True, "SPIDER_OR_ROBOT", "FAILED_UA_INCLUDE", "UNKNOWN")),
        ("NewBrowser", "10.0.0.1", (False, "BROWSER", "PASSED_ALL", "NONE")),
        (
            "Mozilla/5.0 GOOGLEBOT",
            "x",
            (True, "ACTIVE_SPIDER_OR_ROBOT", "FAILED_UA_EXCLUDE", "PAGE_AND_AD_IMPRESSIONS"),
        ),
        ("Mozilla/ spider", "x", (True, "ACTIVE_SPIDER_OR_ROBOT", "FAILED_UA_EXCLUDE", "PAGE_IMPRESSIONS")),
        ("Mozilla/ GoodSpider", "x", (False, "BROWSER", "PASSED_ALL", "NONE")),
        ("Mozilla/ Start", "x", (False, "BROWSER", "PASSED_ALL", "NONE")),
        ("Mozilla/ retired", "x", (True, "INACTIVE_SPIDER_OR_ROBOT", "FAILED_UA_EXCLUDE", "PAGE_IMPRESSIONS")),
        ("Mozilla/ never", "x", (False, "BROWSER", "PASSED_ALL", "NONE")),
        ("Mozilla/5.0", "192.0.2.9", (True, "SPIDER_OR_ROBOT", "FAILED_IP_EXCLUDE", "UNKNOWN")),
        ("Mozilla/5.0", "198.51.100.7", (True, "SPIDER_OR_ROBOT", "FAILED_IP_EXCLUDE", "UNKNOWN")),
        ("Mozilla/5.0", "2001:db8:1::5", (True, "SPIDER_OR_ROBOT", "FAILED_IP_EXCLUDE", "UNKNOWN")),
        (None, "10.0.0.1", (False, "BROWSER", "PASSED_ALL", "NONE")),
        ("my own robot", "10.0.0.1", (True, "SPIDER_OR_ROBOT", "FAILED_UA_EXCLUDE", "UNKNOWN")),
        ("my own robot, the good", "192.0.2.9", (False, "BROWSER", "PASSED_ALL", "NONE")),
    ],
)
def test_robots_are_found_in_the_order_of_the_lists(
    tmp_path: Path, user_agent: str | None, address: str, expected: tuple[bool, str, str, str]
) -> None:
    document = robots(tmp_path, excludeUseragents=["My Own"], includeUseragents=["the GOOD"])
    (context,) = derived(replace(get(ip=address), user_agent=user_agent), document)
    assert context["schema"] == "iglu:com.iab.snowplow/spiders_and_robots/jsonschema/1-0-0"
    assert tuple(context["data"].values()) == expected


@pytest.mark.contract("C.12/iab")
def test_without_user_agent_and_address_nothing_is_said(tmp_path: Path) -> None:
    assert derived(replace(get(ip="unknown"), user_agent=None), robots(tmp_path)) == []


BOTS = {"useYauaa": False, "useIab": True, "useAsnLookups": True, "useClientSideDetection": True}
CLIENT_SIDE = sdj(f"{SP}/client_side_bot_detection/jsonschema/1-0-0", {"bot": True, "kind": "selenium"})


def bots(**switches: bool) -> Json:
    return configuration(EN, "bot_detection_enrichment_config", "1-0-1", {**BOTS, **switches})


@pytest.mark.contract("C.12/bot_detection")
def test_every_voice_that_says_bot_is_an_indicator(tmp_path: Path) -> None:
    request = replace(get(ip="81.2.69.1", co=contexts(CLIENT_SIDE)), user_agent="Googlebot Mozilla/")
    documents = (lookups(tmp_path), asn_lookups(tmp_path), robots(tmp_path))
    first = derived(request, *documents, bots())[0]
    assert first["schema"] == f"iglu:{SP}/bot_detection/jsonschema/1-0-1"
    assert first["data"] == {"bot": True, "indicators": ["clientSideDetection", "iab", "asnLookups"]}
    silent = bots(useIab=False, useAsnLookups=False, useClientSideDetection=False)
    assert derived(request, *documents, silent)[0]["data"] == {"bot": False, "indicators": []}


@pytest.mark.contract("C.12/bot_detection")
def test_there_is_a_verdict_for_each_event() -> None:
    (context,) = derived(GET, bots())
    assert context["data"] == {"bot": False, "indicators": []}
