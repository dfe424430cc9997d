from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collector.config.settings import Networking
from services.collector.request.addresses import Addresses, of_peer
from services.collector.request.messages import Request

type MakeRequest = Callable[..., Request]

DEFAULT = Addresses(Networking().trusted_proxies)
ANY = Addresses(None)


def forwarded(make_request: MakeRequest, peer: str, *headers: str) -> Request:
    request: Request = make_request(
        "GET", "/i", *(("X-Forwarded-For", header) for header in headers), peer=peer.encode()
    )
    return request


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
def test_with_any_proxy_trusted_the_first_address_counts_if_the_whole_header_is_valid(
    make_request: MakeRequest, headers: list[str], address: str
) -> None:
    assert ANY.of(forwarded(make_request, "192.0.2.7", *headers)).decode() == address


@pytest.mark.parametrize(
    ("peer", "header", "address"),
    [
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),  # a stranger says whatever he likes
        ("10.0.0.9", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.9", "203.0.113.5, 198.51.100.1", "198.51.100.1"),  # the first element is the client's own claim
        ("10.0.0.9", "203.0.113.5, 198.51.100.1, 172.16.0.1", "198.51.100.1"),
        ("10.0.0.9", "junk, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.9", "198.51.100.1, junk", "10.0.0.9"),
        ("10.0.0.9", "junk, 10.0.0.7", "10.0.0.7"),
        ("10.0.0.9", "10.0.0.5, 10.0.0.7", "10.0.0.5"),  # all are inside
        ("10.0.0.9", "unknown", "unknown"),
        ("10.0.0.9", "::ffff:198.51.100.1", "198.51.100.1"),
        ("[::1]", "2001:db8::1, fd00::1", "[2001:db8::1]"),
        ("[2001:db8::9]", "198.51.100.1", "[2001:db8::9]"),
        ("unknown", "198.51.100.1", "unknown"),
        ("172.32.0.1", "198.51.100.1", "172.32.0.1"),
    ],
)
def test_by_default_the_nearest_address_outside_the_private_networks_counts(
    make_request: MakeRequest, peer: str, header: str, address: str
) -> None:
    assert DEFAULT.of(forwarded(make_request, peer, header)).decode() == address


def test_with_no_proxy_trusted_the_peer_counts(make_request: MakeRequest) -> None:
    assert Addresses(()).of(forwarded(make_request, "127.0.0.1", "198.51.100.1")) == b"127.0.0.1"


@pytest.mark.parametrize("addresses", [ANY, DEFAULT])
def test_anonymous_request_has_no_address(make_request: MakeRequest, addresses: Addresses) -> None:
    request = make_request("GET", "/i", ("sp-anonymous", ""), ("X-Forwarded-For", "198.51.100.1"))
    assert addresses.of(request) == b"unknown"


@pytest.mark.parametrize(
    ("peername", "address"),
    [
        (("192.0.2.7", 1), "192.0.2.7"),
        (("::1", 1, 0, 0), "[::1]"),
        (("fe80::1%eth0", 1, 0, 2), "[fe80::1]"),
        (("::ffff:192.0.2.7", 1, 0, 0), "192.0.2.7"),
        (None, "unknown"),
        (("",), "unknown"),
    ],
)
def test_peer_address_is_rendered_in_brackets_for_ipv6(peername: tuple[object, ...] | None, address: str) -> None:
    assert of_peer(peername) == address.encode()


addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@given(st.lists(addresses, min_size=1, max_size=4), st.sampled_from([",", ", ", " , "]))
def test_any_list_of_addresses_gives_its_first(
    make_request: MakeRequest, listed: list[IPv4Address | IPv6Address], separator: str
) -> None:
    found = ANY.of(forwarded(make_request, "192.0.2.7", separator.join(map(str, listed)))).decode()
    first = listed[0]
    if isinstance(first, IPv6Address) and first.ipv4_mapped is not None:
        first = first.ipv4_mapped
    assert found.startswith("[") is (first.version == 6)
    parse = IPv4Address if first.version == 4 else IPv6Address
    assert parse(found.strip("[]")) == first


@given(st.sampled_from([ANY, DEFAULT]), st.text(max_size=30))
def test_any_forwarded_header_gives_an_address(make_request: MakeRequest, addresses: Addresses, header: str) -> None:
    found = addresses.of(forwarded(make_request, "10.0.0.9", header)).decode()
    if found != "unknown":
        (IPv6Address if found.startswith("[") else IPv4Address)(found.strip("[]"))
