import base64
import gzip
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.rehearsal.canaries import Canaries


@pytest.fixture(scope="module")
def canaries() -> Canaries:
    return Canaries()


@pytest.mark.parametrize("kind", ["text", "bare", "uuid", "number", "ipv6"])
def test_each_kind_is_found_as_it_is_written(canaries: Canaries, kind: str) -> None:
    value = str(getattr(canaries, kind)("user_id"))
    assert canaries.search("here", f'{{"a":"{value}"}}'.encode())


def test_two_canaries_are_never_the_same(canaries: Canaries) -> None:
    assert len({canaries.text("a") for _ in range(1000)} | {canaries.uuid("a") for _ in range(1000)}) == 2000


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_a_canary_in_base64_is_found_at_any_alignment(before: bytes, after: bytes) -> None:
    canaries = Canaries()
    for value in (canaries.bare("a").encode(), str(canaries.number("a")).encode()):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            assert canaries.search("here", encode(before + value + after))


@pytest.mark.parametrize(
    "disguise",
    [
        str.upper,
        lambda text: text.encode().hex(),
        lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
        lambda text: quote(text, safe=""),
        lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
        lambda text: json.dumps(json.dumps(text)),
    ],
)
def test_a_canary_in_another_encoding_is_found(canaries: Canaries, disguise: object) -> None:
    assert callable(disguise)
    assert canaries.search("here", disguise(canaries.text("a")).encode())


def test_a_compressed_canary_is_found_with_its_field(canaries: Canaries) -> None:
    hits = canaries.search("object", gzip.compress(canaries.text("page_title").encode()))
    assert [(hit.place, hit.sent_as) for hit in hits] == [("object (decompressed)", "page_title")]


@given(st.binary(max_size=2000))
def test_bytes_without_canaries_give_no_hit(contents: bytes) -> None:
    assert Canaries().search("here", contents) == []
