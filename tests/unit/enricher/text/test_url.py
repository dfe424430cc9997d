"""URLs by the rules of Java and scala-uri, for whatever text comes."""

import re
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enricher.text import java_uri, lenient_url, url
from services.enricher.text.java_uri import UrlError

anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
parts = st.text("aZ09-._~+%2Fg/:;=&$ [](){}|\\\"<>^`'!*,@#?ä\u20ac\uffff\u2028\x7f", max_size=12) | anything
web_urls = st.builds(
    lambda scheme, authority, path, query, fragment: f"{scheme}{authority}{path}{query}{fragment}",
    st.sampled_from(["http://", "https://", "//", "a:", ""]),
    st.sampled_from(["e.org", "e.org:81", "u:p@e.org", "[::1]:80", "1.2.3.4", "e_.org", "", "x|y"]),
    parts.map(lambda text: f"/{text}"),
    st.just("") | parts.map(lambda text: f"?{text}"),
    st.just("") | parts.map(lambda text: f"#{text}"),
)
KEPT = re.compile(r"(?:[A-Za-z0-9\-._~+]|%[0-9A-F]{2})*")


def mended(text: str) -> str | None:
    try:
        return lenient_url.mend(text)
    except UrlError:
        return None


@given(web_urls | anything)
def test_mending_a_second_time_changes_nothing(text: str) -> None:
    if (once := mended(text)) is not None:
        assert lenient_url.mend(once) == once


@given(parts)
def test_a_mended_part_holds_only_characters_that_every_part_may_hold(text: str) -> None:
    once = lenient_url.mend(f"http://e.org/#{text}")
    assert KEPT.fullmatch(once.removeprefix("http://e.org/#"))


@given(st.text(st.characters(max_codepoint=0x7F), max_size=20))
def test_a_mended_part_means_what_it_meant(text: str) -> None:
    """Decoding gives the same bytes before and after, but for bytes that are not UTF-8 and signs after a percent."""
    before = unquote_to_bytes(text)
    if b"%+" not in before and b"%-" not in before and "%+" not in text and "%-" not in text:
        after = unquote_to_bytes(lenient_url.mend(f"http://e.org/#{text}").removeprefix("http://e.org/#"))
        assert after == before.decode(errors="replace").encode()


@given(web_urls)
def test_a_mended_url_with_a_valid_authority_is_a_uri(text: str) -> None:
    once = mended(text)
    if once is not None and "x|y" not in text:
        try:
            java_uri.parse(once)
        except UrlError as error:
            assert "scheme-specific" in str(error) or "authority" in str(error)  # noqa: PT017 - the two reasons left


@given(web_urls)
def test_a_uri_is_not_mended(text: str) -> None:
    try:
        parsed = java_uri.parse(text)
    except UrlError:
        return
    assert url.parse(text) == parsed
    assert parsed.text == text


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("%", "%25"), ("%4", "%254"), ("%zz", "%25zz"), ("%41", "A"), ("%+5", "%05"), ("%-1", "%EF%BF%BD"),
        ("%E4", "%EF%BF%BD"), ("%ED%A0%80", "%EF%BF%BD"), ("%C3%A4", "%C3%A4"), ("%2f", "%2F"),
        ("%\uff12\uff11", "%21"), ("%\uff211", "%EF%BF%BD"), ("😀", "%3F%3F"), ("%F0%9F%98%80", "%F0%9F%98%80"),
    ],
)  # fmt: skip
def test_a_part_is_decoded_and_encoded_again(part: str, expected: str) -> None:
    assert lenient_url.mend(f"http://e.org/{part}") == f"http://e.org/{expected}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("http://u|:p q@e.org", "http://u%7C:p%20q@e.org"),
        ("http://@e.org", "http://@e.org"),
        ("http://e.org:0080/", "http://e.org:80/"),
        ("http://001.02.3.4/", "http://1.2.3.4/"),
        ("http://256.2.3.4/", "http://256.2.3.4/"),
        ("http://[1:0:0:0:0:0:0:1]/", "http://[1::1]/"),
        ("http://[::FFFF:1.2.3.4]/", "http://[::ffff:102:304]/"),
        ("urn:ab:c/d%", "urn:ab:c%2Fd%25"),
        ("mailto:a@b", "mailto:a%40b"),
        ("/?&", "/?&"),
        ("", ""),
    ],
)
def test_other_notations_of_a_part_are_rewritten(before: str, after: str) -> None:
    assert lenient_url.mend(before) == after


IPV6 = [
    ("::", True), ("::1", True), ("1:2:3:4:5:6:7:8", True), ("1:2:3:4:5:6:7::", True), ("1::8", True),
    ("::1.2.3.4", True), ("1:2:3:4:5:6:1.2.3.4", True), ("1::1.2.3.4", True), ("1.2.3.4", False), ("", False),
    ("1:2:3:4:5:6:7", False), ("1:2:3:4:5:6:7:8:9", False), ("1:2:3:4::5:6:7:8", False), ("1::2::3", False),
    (":1:2:3:4:5:6:7", False), ("12345::", False), ("1.2.3.4::", False), ("::256.2.3.4", False), (":::", False),
]  # fmt: skip


@pytest.mark.parametrize(("address", "is_one"), IPV6)
def test_a_literal_ipv6_address_is_one(address: str, is_one: bool) -> None:
    try:
        host = java_uri.parse(f"http://[{address}]/").host
    except UrlError:
        host = None
    assert (host is not None) is is_one


plain_urls = st.from_regex(
    r"https?://[a-zA-Z0-9.\-]{1,12}(:[0-9]{1,5})?(/[a-z%0-9:@;]{0,6})?(\?[a-z=&%0-9/?]{0,6})?(#[a-z?]{0,4})?"
)


@given(plain_urls | web_urls)
def test_the_fast_path_of_urls_gives_what_the_general_path_gives(source: str) -> None:
    if url._FAST_PATH.fullmatch(source):
        parsed = java_uri.parse(source)
        assert url.cells(source) == (source, tuple("" if part is None else str(part) for part in parsed[1:]))
