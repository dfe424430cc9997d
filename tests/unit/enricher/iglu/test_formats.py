"""Formats as Iglu's validator checks them (each table was checked by running networknt 1.0.76)."""

from datetime import date, datetime
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enricher.iglu.formats import FORMATS

TABLE = {
    "date-time": (
        ["2026-01-02T03:04:05Z", "2026-01-02 03:04:05Z", "2026-01-02t03:04:05.123456789z", "2026-01-02T03:04:05.Z",
         "2026-01-02T03:04:05-18:00", "2016-12-31T23:59:60Z", "1990-12-31T15:59:60-08:00", "0000-02-29T00:00:00Z"],
        ["2026-01-02T03:04:05", "2026-01-02T03:04:05-00:00", "2026-01-02T03:04:05.1234567890Z",
        "2026-02-29T00:00:00Z",
         "2026-12-31T23:59:60Z", "2016-12-31T12:00:60Z", "2026-01-02T24:00:00Z", "2026-01-02T03:04:05+18:01",
         "2026-01-02T03:04:05+0100", "2026-01-02T03:04Z", "2026-01-02T03:04:05Z\n", "٢٠٢٦-01-02T03:04:05Z"],
    ),
    "date": (["2026-01-02", "-0001-01-01", "+12026-01-02"],
             ["2026-02-30", "12026-01-02", "+2026-01-02", "-0000-01-01"]),
    "time": (["03:04:05", "25:00:00", "03:04:05.1"], ["03:04:05Z", "3:4:5", "", "03:04:05."]),
    "email": (
        ["a@b.com", "ä@b.com", "a@bücher.com", "a.b@c.org", '"a b"@c.org', "a@[1.2.3.4]", "a@b.COM", "o'b@c.com"],
        ["a@b.c", "a@localhost", "a@b.test", "a@b.com.", "a..b@c.org", "a@b@c.com", "a b@c.org", f"{'x' * 65}@c.com"],
    ),
    "hostname": (["a.test", "a", "1.2"], ["a_b", "-a", "a-", "a..b", "a.", "ä"]),
    "ipv4": (["1.2.3.4"], ["1.2.3", "01.2.3.4", "256.1.1.1", "1.2.3.4 "]),
    "ipv6": (["::1", "::ffff:1.2.3.4", "1:2:3:4:5:6:7::"], ["1::2::3", "fe80::1%0", " ::1", "1.2.3.4", ":::"]),
    "ip-address": (["01.02.03.004"], ["256.1.1.1", "1.2.3"]),
    "uri": (["https://a.test/b?c#d", "http://a/100%", "mailto:a@b", "http://[::1]/"],
            ["/r", "http://ä.test", "", "a b:c"]),
    "uuid": (["8F2A1D0C-9f2c-4b43-bb1c-0c5b9a0d1e2f"], ["8f2a1d0c9f2c4b43bb1c0c5b9a0d1e2f", ""]),
    "color": (["#fff", "red", "rgb( 1 , 2 , 3 )", "rgb(1%,20%,100%)"], ["Red", "#ff", "rgb(256,1,1)", "#fffffff"]),
    "phone": (["+1234567", "+12 34 56 7"], ["1234567", "+123456", "+1  2345678"]),
    "style": (["a:b", "a: b;", "\na:b", "::x", "a:b; c:d"], ["a:", "a\n:b", ":"]),
    "utc-millisec": (["1", "1.5"], ["1.", ".5", ""]),
    "alpha": (["abc"], ["ab1", "ä"]),
    "alphanumeric": (["a1"], ["a_", ""]),
    "regex": (["[a"], []),
}  # fmt: skip


@pytest.mark.contract("C.10 validation/formats")
@pytest.mark.parametrize("name", TABLE)
def test_a_format_accepts_what_iglu_accepts(name: str) -> None:
    valid, invalid = TABLE[name]
    assert [text for text in (*valid, *invalid) if FORMATS[name](text)] == valid


@given(st.datetimes(), st.dates(), st.uuids(), st.integers(0, 2**32 - 1), st.integers(0, 2**128 - 1))
def test_what_is_written_in_a_format_is_valid(moment: datetime, day: date, uuid: UUID, four: int, six: int) -> None:
    written = {
        "date-time": f"{moment.isoformat()}Z",
        "date": day.isoformat(), "uuid": str(uuid), "time": f"{moment:%H:%M:%S}",
        "ipv4": str(IPv4Address(four)),
        "ipv6": IPv6Address(six).exploded if IPv6Address(six).ipv4_mapped is None else "::",
    }  # fmt: skip
    assert [name for name, text in written.items() if not FORMATS[name](text)] == []


@given(st.sampled_from(sorted(FORMATS)), st.text(max_size=40) | st.text("0123456789-:.TZ+@[]#;rgb(), \n", max_size=40))
def test_checking_a_format_never_raises(name: str, text: str) -> None:
    assert FORMATS[name](text) in (True, False)


def test_checking_a_format_takes_linear_time() -> None:
    for name in FORMATS:
        for text in ("a" * 100_000, ":" * 100_000, '"' + "\\" * 100_000 + "@b.com", "1.1." * 50_000, "[" * 100_000):
            FORMATS[name](text)
