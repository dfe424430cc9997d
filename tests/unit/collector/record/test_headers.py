"""Which header lines a record holds: cookies cleaned, the decided address alone, and nothing of an anonymous sender."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collector.record import headers
from services.collector.record.identifying_headers import _NAMES
from services.collector.request.identity import is_anonymous
from services.collector.request.messages import Request

type MakeRequest = Callable[..., Request]

ANONYMOUS = ("SP-Anonymous", "*")


def recorded(request: Request, *, keeps_forwarded: bool = False) -> list[str]:
    lines = headers.recorded(request, is_anonymous=is_anonymous(request), keeps_forwarded=keeps_forwarded)
    return [line.decode() for line in lines]


def test_cookies_are_cleaned_and_an_empty_header_is_left_out(make_request: MakeRequest) -> None:
    request = make_request("GET", "/i", ("cookie", "a=1; b=é"), ("X", "y"), ("Cookie", '"'), ("COOKIE", "c=2"))
    assert recorded(request) == ["Cookie: a=1", "X: y", "Cookie: c=2"]


def test_headers_that_enrich_reads_an_address_from_are_left_out(make_request: MakeRequest) -> None:
    sent = [
        ("X-Forwarded-For", "6.6.6.6, 203.0.113.9"), ("Accept", "*/*"), ("x-forwarded-for", "[2001:db8::1]"),
        ("FORWARDED", "for=203.0.113.9"), ("X-Forwarded-Proto", "https"), ("Forwarded-For", "a"), ("Cookie", "a=b"),
        ("Forwarded", ""),
    ]  # fmt: skip
    request = make_request("GET", "/i", *sent)
    assert recorded(request) == ["Accept: */*", "X-Forwarded-Proto: https", "Forwarded-For: a", "Cookie: a=b"]
    assert recorded(request, keeps_forwarded=True) == [f"{name}: {value}" for name, value in sent]


def test_anonymous_request_keeps_what_identifies_nobody(make_request: MakeRequest) -> None:
    kept = [
        ("Host", "203.0.113.80:8080"), ("User-Agent", "Mozilla/5.0 App 1.2.3.4 Chrome/131.0.0.0"), ("Accept", "*/*"),
        ("Sec-CH-UA-Full-Version", '"131.0.0.0"'), ("Accept-Language", "de"), ("X-Forwarded-Proto", "https"),
        ("X-Version", "1.2.3"), ("X-Time", "12:30"), ("X-Ratio", "16:9"), ("Content-Type", "application/json"),
    ]  # fmt: skip
    assert recorded(make_request("GET", "/i", *kept, ANONYMOUS)) == [
        *(f"{name}: {value}" for name, value in kept),
        "SP-Anonymous: *",
    ]


@pytest.mark.parametrize("name", sorted(name.decode() for name in _NAMES))
def test_anonymous_request_leaves_out_each_header_that_identifies(make_request: MakeRequest, name: str) -> None:
    sent = [(spelling, "value") for spelling in (name, name.title(), name.upper())]
    assert recorded(make_request("GET", "/i", *sent, ANONYMOUS)) == ["SP-Anonymous: *"]


addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
notations = st.sampled_from(
    ["{}", "[{}]", '"{}"', '"[{}]:443"', "{}, 10.0.0.1", "unknown,{}", 'for="[{}]";proto=https', "by={};x=y", "1.1 {}"]
)


@given(st.text("ABCXYZ-", min_size=1, max_size=8), addresses, notations)
def test_anonymous_request_leaves_out_any_header_with_an_address(
    make_request: MakeRequest, name: str, address: IPv4Address | IPv6Address, notation: str
) -> None:
    sent = [(name, notation.format(address))]
    assert recorded(make_request("GET", "/i", *sent, ANONYMOUS)) == ["SP-Anonymous: *"]


@pytest.mark.parametrize(
    "value", ["203.0.113.9:4711", "fe80::1%eth0", "[fe80::1%25eth0]:80", "::ffff:203.0.113.9", "2001:DB8::A"]
)
def test_anonymous_request_leaves_out_an_address_in_any_notation(make_request: MakeRequest, value: str) -> None:
    assert recorded(make_request("GET", "/i", ("X-Lb", value), ANONYMOUS)) == ["SP-Anonymous: *"]


names = st.text("abcXYZ-", min_size=1, max_size=8)


@given(st.lists(st.tuples(names, st.text(max_size=10)), max_size=10), st.booleans())
def test_every_other_header_is_kept_in_order_with_its_case(
    make_request: MakeRequest, sent: list[tuple[str, str]], keeps_forwarded: bool
) -> None:
    request = make_request("GET", "/i", *sent)
    assert recorded(request, keeps_forwarded=keeps_forwarded) == [f"{name}: {value}" for name, value in sent]
