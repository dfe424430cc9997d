"""What an event has before its parameters: the set-up and the choice of the address."""

import uuid
from copy import replace

import pytest

from tests.fixtures.enricher import ETL_TSTAMP, GET, USER, atomic_reports, get, good, messages


@pytest.mark.contract("C.4/set-up")
def test_an_event_starts_with_what_the_request_says() -> None:
    (event,) = good(GET)
    assert uuid.UUID(event["event_id"]).version == 4
    assert event["v_collector"] == "snowveil-collector-0.1.0"
    assert event["v_etl"] == "snowveil-enrich-0.1.0"
    assert event["etl_tstamp"] == ETL_TSTAMP
    assert event["network_userid"] == USER
    assert event["user_ipaddress"] == "203.0.113.7"
    assert event["useragent"] == "Mozilla/5.0"
    assert event["collector_tstamp"] == "2023-11-14 22:13:20.123"


@pytest.mark.contract("C.4/useragent")
def test_the_user_agent_keeps_what_only_a_parameter_loses() -> None:
    (event,) = good(replace(GET, user_agent="a\tb\r\nc\x01"))
    assert event["useragent"] == "a    bc\x01"
    (event,) = good(get(ua="a\x01b"))
    assert event["useragent"] == "ab"


@pytest.mark.contract("C.4/collector_tstamp")
@pytest.mark.parametrize("timestamp", [253_402_300_800_000, -62_167_219_200_001, 2**63 - 1, -(2**63)])
def test_a_collector_timestamp_out_of_range(timestamp: int) -> None:
    (report,) = atomic_reports(replace(GET, timestamp=timestamp))
    assert report["path"] == "collector_tstamp"
    assert report["keyword"] == "atomic_field_parse_error"


@pytest.mark.contract("C.6 structure/v_collector")
def test_an_empty_collector_version_is_an_enrichment_failure() -> None:
    message = {"field": "v_collector", "value": None, "expectation": "should be set"}
    found = messages(replace(GET, collector=""), "enrichment_failures/2-0-1")
    assert found == [{"enrichment": None, "message": message}]


@pytest.mark.contract("C.2/ip")
@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ([], "203.0.113.7"),
        (["X-Forwarded-For: 198.51.100.1"], "198.51.100.1"),
        (["x-forwarded-for: 198.51.100.1, 192.0.2.1"], "198.51.100.1"),
        (["X-Forwarded-For: 198.51.100.1:8080"], "198.51.100.1"),
        (['X-Forwarded-For: "[2001:db8::1]:80"'], "2001:db8::1"),
        (["X-Forwarded-For: 2001:DB8::1"], "2001:db8::1"),
        (["X-Forwarded-For:198.51.100.1"], "203.0.113.7"),
        (["X-Forwarded-For: unknown"], "203.0.113.7"),
        (["Forwarded: for=198.51.100.2"], "198.51.100.2"),
        (['Forwarded: for="[2001:db8::2]";proto=https'], "2001:db8::2"),
        (["Forwarded: for=198.51.100.2", "Host: c"], "203.0.113.7"),
        (["Forwarded: for=198.51.100.2", "Forwarded: for=198.51.100.3"], "198.51.100.3"),
        (["Forwarded: for=198.51.100.2", "X-Forwarded-For: 198.51.100.1"], "198.51.100.1"),
        (["X-Forwarded-For: 999.999.999.999"], "999.999.999.999"),
        (["", "X"], "203.0.113.7"),
        (["X-Forwarded-For: cache-fra1.example.net"], "203.0.113.7"),
        (["X-Forwarded-For: dead-beef"], "dead"),
        (["X-Forwarded-For: facade"], "203.0.113.7"),
        (["Forwarded: for=cache-fra1"], "203.0.113.7"),
    ],
)
def test_the_address_is_the_headers_before_the_sockets(headers: list[str], address: str) -> None:
    assert good(replace(GET, headers=tuple(headers)))[0]["user_ipaddress"] == address


@pytest.mark.parametrize("name", ["X-Forwarded-For: ", "Forwarded: for="])
def test_no_header_of_an_anonymous_request_brings_an_address_back(name: str) -> None:
    headers = ("sp-anonymous: *", f"{name}198.51.100.1")
    assert good(replace(GET, ip_address="unknown", headers=headers))[0]["user_ipaddress"] == "unknown"


@pytest.mark.contract("A.2/ip")
def test_the_ip_parameter_beats_the_headers() -> None:
    payload = replace(get(ip="192.0.2.9"), headers=("X-Forwarded-For: 198.51.100.1",))
    assert good(payload)[0]["user_ipaddress"] == "192.0.2.9"
