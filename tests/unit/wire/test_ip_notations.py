"""Every notation of an address is read as the same address, and what is none is not read."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import ip_notations

DOCUMENTATION = IPv4Address("203.0.113.7")
DECORATIONS: list[Callable[[str], str]] = [
    str, lambda text: f"{text}\t", lambda text: f" {text} ", lambda text: f"{text}:80", lambda text: f"{text}:https",
]  # fmt: skip


def octets(address: IPv4Address) -> tuple[int, int, int, int]:
    first, second, third, fourth = address.packed
    return first, second, third, fourth


def ipv4_notations(address: IPv4Address) -> list[str]:
    number, (a, b, c, d) = int(address), octets(address)
    return [
        str(address), f"{a:#x}.{b}.{c:#X}.{d}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{a}.{b}.{c << 8 | d}",
        f"{a}.{number & 0xFFFFFF:#x}", f"{number + 0:010d}" if number >= 10**9 else str(address), f"{number:#x}",
        f"::ffff:{address}", f"::FFFF:{a << 8 | b:x}:{c << 8 | d:x}", f"0:0:0:0:0:ffff:{address}",
        f"{d}.{c}.{b}.{a}.in-addr.arpa",
    ]  # fmt: skip


@given(st.integers(0, 2**32 - 1).map(IPv4Address), st.sampled_from(DECORATIONS))
def test_every_notation_of_an_ipv4_address_is_read_as_the_same(
    address: IPv4Address, decorate: Callable[[str], str]
) -> None:
    for notation in ipv4_notations(address):
        if ":" in notation and decorate("").startswith(":"):
            continue  # a port follows an IPv6 address in brackets alone
        assert ip_notations.read(decorate(notation)) == address, notation


@given(st.integers(0, 2**128 - 1).map(IPv6Address).filter(lambda address: not address.ipv4_mapped))
def test_every_notation_of_an_ipv6_address_is_read_as_the_same(address: IPv6Address) -> None:
    digits = f"{int(address):032x}"
    groups = [digits[place : place + 4] for place in range(0, 32, 4)]
    dashed = "-".join(f"{int(group, 16):x}" for group in groups)
    for notation in (
        str(address), address.exploded.upper(), f"[{address}]", f"[{address}]:8080", f"{address}%eth0",
        f"[{address}%1]", digits, f"0x{digits}", f"{dashed}.ipv6-literal.net", f"{dashed}seth0.ipv6-literal.net",
        address.reverse_pointer, f"{':'.join(groups[:6])}:{IPv4Address(int(address) & 0xFFFFFFFF)}",
    ):  # fmt: skip
        assert ip_notations.read(notation) == address, notation


@given(st.text(max_size=30) | st.text("0123456789abcdfx.:%[]/*-", max_size=20))
def test_any_text_is_an_address_or_none(text: str) -> None:
    address = ip_notations.read(text)
    assert address is None or ip_notations.read(str(address)) == address


@pytest.mark.parametrize(
    "text",
    ["", "unknown", "localhost", "e.org", "e.org:80", "*", "203.0.113.*", "203.0.113.7/24", "2001:db8::1/64",
     "203.0.113.1-2", "203.0.113.300", "1.2.3.4.5", "203.0.113.", ".203.0.113.7", "4294967296", "cb007107",
     "203.0.113.7:0", "203.0.113.7:65536", "203.0.113.7:", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9:1", "::g",
     "0xcb.0.0x71.7.in-addr.arpa", "1.ip6.arpa", "\u0662\u0660\u0663.0.113.7", "203.0.113.7,1", '"203.0.113.7"',
     "[203.0.113.7", "::0xcb.0.0x71.7"],
)  # fmt: skip
def test_what_is_not_one_address_is_not_read(text: str) -> None:
    assert ip_notations.read(text) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [("08.1.1.1", "8.1.1.1"), ("03405803783", "203.0.113.7"), ("0313.0.0161.07", "203.0.113.7"), ("1", "0.0.0.1"),
     ("203.1", "203.0.0.1"), ("00001::", "1::"), ("::203.0.28935", "::cb00:7107"),
     ("1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8")],
)  # fmt: skip
def test_notations_with_surprising_meanings(text: str, address: str) -> None:
    expected = IPv6Address(address) if ":" in address else IPv4Address(address)
    assert ip_notations.read(text) == expected
