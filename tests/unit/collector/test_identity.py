from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collector import identity
from services.collector.messages import Request

type MakeRequest = Callable[..., Request]

COOKIE_CHARACTERS = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '",;\\')
cookie_parts = st.text(COOKIE_CHARACTERS, min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("header", "cleaned"),
    [
        ("a=b; c=d", "a=b;c=d"),
        ('a="b"; c=d', "c=d"),
        ("a=b,c; d=e", "d=e"),
        ("a=b\\; d=e", "d=e"),
        ("a=é; d=e", "d=e"),
        ("a=\t; d=e", "d=e"),
        ("a b = c", "ab=c"),
        (";;a=b;;", "a=b"),
        ('"', ""),
        ("", ""),
    ],
)
def test_a_cookie_of_other_characters_is_dropped_alone(header: str, cleaned: str) -> None:
    assert identity.clean_cookies(header) == cleaned


@given(st.lists(st.tuples(cookie_parts, st.sampled_from(["", '"', ",", "\\", "é", "\x7f", "\t", "\x00"])), max_size=8))
def test_exactly_the_clean_parts_survive(parts: list[tuple[str, str]]) -> None:
    header = "; ".join(part + spoiler for part, spoiler in parts)
    assert identity.clean_cookies(header) == ";".join(part for part, spoiler in parts if not spoiler)


@given(st.text(max_size=60))
def test_any_cookie_header_is_cleaned_to_cookie_characters_and_no_further(header: str) -> None:
    cleaned = identity.clean_cookies(header)
    assert set(cleaned) <= set(COOKIE_CHARACTERS) | {";"}
    assert identity.clean_cookies(cleaned) == cleaned


def test_the_first_cookie_of_the_name_counts(make_request: MakeRequest) -> None:
    request = make_request("GET", "/i", ("Cookie", "xsp=1; sp; sp=2; sp=3"), ("COOKIE", "sp=4"))
    assert identity.cookie(request, "sp") == "2"
    assert identity.cookie(request, "other") is None
    assert identity.cookie(make_request("GET", "/i", ("Cookie", "a=b"), ("COOKIE", "sp=4")), "sp") == "4"
    assert identity.cookie(make_request(), "sp") is None


@pytest.mark.parametrize(
    ("querystring", "cookie", "user"),
    [
        ("e=pv&nuid=from-query", "from-cookie", "from-query"),
        ("nuid=a%20b+c&nuid=second", None, "a b c"),
        ("nuid=%ff", None, "�"),
        ("xnuid=1&nuid", "from-cookie", "from-cookie"),
        ("nuid=", "from-cookie", "from-cookie"),
        ("tnuid=1", "from-cookie", "from-cookie"),
    ],
)
def test_the_users_id_is_the_querystrings_then_the_cookies(
    make_request: MakeRequest, querystring: str, cookie: str | None, user: str
) -> None:
    assert identity.network_user_id(make_request(), querystring, cookie) == user


def test_a_new_user_gets_a_random_id(make_request: MakeRequest) -> None:
    new, other = (identity.network_user_id(make_request(), "e=pv", cookie) for cookie in (None, ""))
    assert UUID(new).version == UUID(other).version == 4
    assert new != other


def test_an_anonymous_request_has_neither_user_nor_address(make_request: MakeRequest) -> None:
    request = make_request("GET", "/i", ("sp-anonymous", ""), ("X-Forwarded-For", "198.51.100.1"))
    assert identity.network_user_id(request, "nuid=1", "2") == "00000000-0000-0000-0000-000000000000"
    assert identity.ip_address(request) == "unknown"


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        (["198.51.100.1"], "198.51.100.1"),
        (["198.51.100.1, 10.0.0.1"], "198.51.100.1"),
        (["198.51.100.1,10.0.0.1 ,unknown"], "198.51.100.1"),
        (["198.51.100.1", "10.0.0.1"], "198.51.100.1"),
        (["unknown, 10.0.0.1"], "unknown"),
        (["2001:DB8:0::1"], "[2001:db8::1]"),
        (["198.51.100.1:4711"], "192.0.2.7"),
        (["[2001:db8::1]"], "192.0.2.7"),
        (["198.51.100.1, junk"], "192.0.2.7"),
        (["198.51.100.1", "junk"], "192.0.2.7"),
        (["fe80::1%eth0"], "192.0.2.7"),
        (["198.51.100.01"], "192.0.2.7"),
        (["198.51.100.1,"], "192.0.2.7"),
        ([""], "192.0.2.7"),
        (["198.51.100.1\x00"], "192.0.2.7"),
        ([], "192.0.2.7"),
    ],
)
def test_the_forwarded_address_counts_if_the_whole_header_is_one_of_addresses(
    make_request: MakeRequest, headers: list[str], address: str
) -> None:
    request = make_request("GET", "/i", *(("X-Forwarded-For", header) for header in headers))
    assert identity.ip_address(request) == address


@pytest.mark.parametrize(("peer", "address"), [("::1", "[::1]"), (None, "unknown"), ("", "unknown")])
def test_the_sockets_address(make_request: MakeRequest, peer: str | None, address: str) -> None:
    assert identity.ip_address(make_request(peer=peer)) == address


addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@given(st.lists(addresses, min_size=1, max_size=4), st.sampled_from([",", ", ", " , "]))
def test_any_list_of_addresses_gives_its_first(
    make_request: MakeRequest, listed: list[IPv4Address | IPv6Address], separator: str
) -> None:
    request = make_request("GET", "/i", ("X-Forwarded-For", separator.join(map(str, listed))))
    found = identity.ip_address(request)
    first = listed[0]
    assert found.startswith("[") is (first.version == 6)
    parse = IPv4Address if first.version == 4 else IPv6Address
    assert parse(found.strip("[]")) == first


@given(st.text(max_size=30))
def test_any_forwarded_header_gives_an_address(make_request: MakeRequest, header: str) -> None:
    found = identity.ip_address(make_request("GET", "/i", ("X-Forwarded-For", header)))
    if found not in ("unknown", "192.0.2.7"):
        (IPv6Address if found.startswith("[") else IPv4Address)(found.strip("[]"))
