import os
import re
from collections.abc import Callable
from urllib.parse import unquote, unquote_plus
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collector.request import identity
from services.collector.request.messages import Request

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
def test_cookie_of_other_characters_is_dropped_alone(header: str, cleaned: str) -> None:
    assert identity.clean_cookies(header.encode()).decode() == cleaned


@given(st.lists(st.tuples(cookie_parts, st.sampled_from(["", '"', ",", "\\", "é", "\x7f", "\t", "\x00"])), max_size=8))
def test_only_cookies_of_valid_characters_are_kept(parts: list[tuple[str, str]]) -> None:
    header = "; ".join(part + spoiler for part, spoiler in parts)
    assert identity.clean_cookies(header.encode()).decode() == ";".join(part for part, spoiler in parts if not spoiler)


@given(st.text(max_size=60))
def test_any_cookie_header_is_cleaned_to_cookie_characters_and_no_further(header: str) -> None:
    cleaned = identity.clean_cookies(header.encode())
    assert set(cleaned.decode()) <= set(COOKIE_CHARACTERS) | {";"}
    assert identity.clean_cookies(cleaned) == cleaned


def test_first_cookie_of_the_name_counts(make_request: MakeRequest) -> None:
    request = make_request("GET", "/i", ("Cookie", "xsp=1; sp; sp=2; sp=3"), ("COOKIE", "sp=4"))
    assert identity.cookie(request, b"sp") == b"2"
    assert identity.cookie(request, b"other") is None
    assert identity.cookie(make_request("GET", "/i", ("Cookie", "a=b"), ("COOKIE", "sp=4")), b"sp") == b"4"
    assert identity.cookie(make_request(), b"sp") is None


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("sp=a b", None),  # no id is made of two words
        ("sp=a b; sp=c", b"c"),
        ("sp= a ", b"a"),
        ("x=1;sp=a", b"a"),
        ('sp="a-1"', b"a-1"),
        ('sp=""', b""),
        ('sp="', None),
        ('sp="a', None),
        ('sp="a b"', None),
        ("sp=", b""),
        ("s p=a", None),
    ],
)
def test_cookie_value_is_what_rfc_6265_calls_one(make_request: MakeRequest, header: str, value: bytes | None) -> None:
    assert identity.cookie(make_request("GET", "/i", ("Cookie", header)), b"sp") == value


@given(st.text("nuid%;&=64 75", max_size=30))
def test_parameter_is_found_whatever_of_its_name_is_encoded(querystring: str) -> None:
    pairs = [pair.partition("=") for pair in re.split("[&;]", querystring)]
    expected = next((unquote_plus(value) for name, _, value in pairs if unquote(name) == "nuid"), None)
    found = identity.parameter(querystring.encode(), b"nuid")
    assert (None if found is None else found.decode()) == expected


@pytest.mark.parametrize(
    ("querystring", "name", "value"),
    [
        ("nui%64=1", b"nuid", b"1"),
        ("e=pv&%6E%75%69%64=1", b"nuid", b"1"),
        ("%75=http%3A%2F%2Fa.org", b"u", b"http://a.org"),
        ("e=pv;nuid=1", b"nuid", b"1"),
        ("nuid=1;2", b"nuid", b"1"),
        ("xnui%64=1", b"nuid", None),
    ],
)
def test_parameter_names_are_decoded_and_semicolons_separate(
    querystring: str, name: bytes, value: bytes | None
) -> None:
    assert identity.parameter(querystring.encode(), name) == value


@pytest.mark.parametrize(
    ("querystring", "value"),
    [
        ("e=pv&nuid=from-query", "from-query"),
        ("nuid=a%20b+c&nuid=second", "a b c"),
        ("nuid=%ff", "�"),
        ("xnuid=1&nuid", ""),
        ("nuid=", ""),
        ("tnuid=1", None),
        ("", None),
    ],
)
def test_parameter_is_the_first_of_its_name_decoded(querystring: str, value: str | None) -> None:
    found = identity.parameter(querystring.encode(), b"nuid")
    assert found == (None if value is None else value.encode())


def test_new_ids_are_uuids_of_version_4_and_differ() -> None:
    made = [identity.new_id() for _ in range(1000)]
    assert len(set(made)) == 1000
    for each in made:
        parsed = UUID(each.decode())
        assert (parsed.version, parsed.variant, str(parsed)) == (4, RFC_4122, each.decode())


def test_forked_process_makes_other_ids() -> None:
    identity.new_id()
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(sender, identity.new_id())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(receiver, 36) != identity.new_id()
    os.close(receiver)
    os.close(sender)
