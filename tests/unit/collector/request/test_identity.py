import os
from collections.abc import Callable
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
def test_a_cookie_of_other_characters_is_dropped_alone(header: str, cleaned: str) -> None:
    assert identity.clean_cookies(header.encode()).decode() == cleaned


@given(st.lists(st.tuples(cookie_parts, st.sampled_from(["", '"', ",", "\\", "é", "\x7f", "\t", "\x00"])), max_size=8))
def test_exactly_the_clean_parts_survive(parts: list[tuple[str, str]]) -> None:
    header = "; ".join(part + spoiler for part, spoiler in parts)
    assert identity.clean_cookies(header.encode()).decode() == ";".join(part for part, spoiler in parts if not spoiler)


@given(st.text(max_size=60))
def test_any_cookie_header_is_cleaned_to_cookie_characters_and_no_further(header: str) -> None:
    cleaned = identity.clean_cookies(header.encode())
    assert set(cleaned.decode()) <= set(COOKIE_CHARACTERS) | {";"}
    assert identity.clean_cookies(cleaned) == cleaned


def test_the_first_cookie_of_the_name_counts(make_request: MakeRequest) -> None:
    request = make_request("GET", "/i", ("Cookie", "xsp=1; sp; sp=2; sp=3"), ("COOKIE", "sp=4"))
    assert identity.cookie(request, b"sp") == b"2"
    assert identity.cookie(request, b"other") is None
    assert identity.cookie(make_request("GET", "/i", ("Cookie", "a=b"), ("COOKIE", "sp=4")), b"sp") == b"4"
    assert identity.cookie(make_request(), b"sp") is None


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
def test_a_parameter_is_the_first_of_its_name_decoded(querystring: str, value: str | None) -> None:
    found = identity.parameter(querystring.encode(), b"nuid")
    assert found == (None if value is None else value.encode())


def test_random_ids_are_of_version_4_and_differ() -> None:
    made = [identity.new_id() for _ in range(1000)]
    assert len(set(made)) == 1000
    for each in made:
        parsed = UUID(each.decode())
        assert (parsed.version, parsed.variant, str(parsed)) == (4, RFC_4122, each.decode())


def test_a_forked_process_makes_other_ids() -> None:
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
