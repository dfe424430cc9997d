"""Domains and ring, by fixed vectors, by openssl, and by what they are for: no value decodes another domain's."""

import hashlib
import hmac
import json
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lambda_src.pseudonymizer.policy import policy
from lambda_src.pseudonymizer.pseudonym import CHECK_DOMAIN, LENGTH, PseudonymFunction, check_value, pseudonym_function
from lambda_src.pseudonymizer.transform.actions import MOST_MET, Actions
from tests.unit.pseudonymizer.samples import KEY, POLICY_FILE, ROOT, make_actions, pseudonym

VECTORS: dict[str, Any] = json.loads((ROOT / "tests/fixtures/pseudonyms.json").read_text("utf-8"))
RING = [bytes.fromhex(key) for key in VECTORS["ring_hex"]]
KEYS = st.binary(min_size=32, max_size=200)


@pytest.mark.parametrize("vector", VECTORS["pseudonyms"], ids=lambda vector: vector["case"])
def test_pseudonyms_match_the_fixed_vectors(vector: dict[str, Any]) -> None:
    shown = pseudonym_function(RING[: vector["ring"]], vector["domain"])
    assert shown(vector["value"]) == vector["pseudonym"]


@pytest.mark.parametrize("vector", VECTORS["check_values"], ids=lambda vector: f"ring of {vector['ring']}")
def test_fixed_check_values(vector: dict[str, Any]) -> None:
    assert check_value(RING[: vector["ring"]]) == vector["value"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_gives_the_same() -> None:
    def openssl(key: str, text: bytes) -> str:
        command = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key}"]
        return subprocess.run(command, input=text, capture_output=True, check=True).stdout.split()[-1].decode()

    for vector in VECTORS["pseudonyms"]:
        first, *later = VECTORS["ring_hex"][: vector["ring"]]
        shown = openssl(first, f"{vector['domain']}\0{vector['value']}".encode())
        for key in later:
            shown = openssl(key, shown.encode())
        assert shown == vector["pseudonym"]


@given(st.lists(KEYS, min_size=1, max_size=4), st.from_regex("[a-z][a-z_]{0,31}", fullmatch=True), st.text())
def test_it_is_a_chain_of_hmacs_for_keys_of_any_length(ring: list[bytes], domain: str, text: str) -> None:
    expected = hmac.new(ring[0], f"{domain}\0{text}".encode(), hashlib.sha256).hexdigest()
    for key in ring[1:]:
        expected = hmac.new(key, expected.encode(), hashlib.sha256).hexdigest()
    shown = pseudonym_function(ring, domain)(text)
    assert shown == expected
    assert len(shown) == LENGTH


@given(KEYS, KEYS, st.text(), st.text())
def test_two_keys_and_two_domains_have_no_equal_pseudonyms(one: bytes, other: bytes, text: str, second: str) -> None:
    assume(one.ljust(64, b"\0") != other.ljust(64, b"\0"))  # HMAC pads keys with zeros
    domains = [*policy.load(POLICY_FILE).domains, CHECK_DOMAIN]
    shown = [
        pseudonym_function(ring, domain)(each)
        for ring in ([one], [other], [one, other])
        for domain in domains
        for each in {text, second}
    ]
    assert len(set(shown)) == len(shown)


def test_a_stored_pseudonym_can_be_brought_under_the_next_key_without_its_value() -> None:
    stored = pseudonym_function(RING[:1], "user")("1234567")
    rekeyed = hmac.new(RING[1], stored.encode(), hashlib.sha256).hexdigest()
    assert rekeyed == pseudonym_function(RING, "user")("1234567")


def test_hosts_have_one_pseudonym_in_any_case_and_other_texts_have_not() -> None:
    actions = make_actions()
    assert actions.in_domain("host")("GitLab.Example") == pseudonym("gitlab.example", "host")
    assert actions.in_domain("text")("Alice") == pseudonym("Alice") != pseudonym("alice")


def test_a_value_met_again_has_its_pseudonym_is_counted_and_the_memory_has_an_end() -> None:
    made: list[str] = []

    def noted(domain: str) -> PseudonymFunction:
        function = pseudonym_function([KEY], domain)

        def note(text: str) -> str:
            made.append(text)
            return function(text)

        return note

    actions = Actions(noted)
    assert actions.pseudonymize("a") == actions.pseudonymize("a") == pseudonym("a")
    assert (made, actions.counts.pseudonymized) == (["a"], 2)
    for number in range(MOST_MET + 10):
        assert actions.pseudonymize(str(number)) == pseudonym(str(number))
    made.clear()
    actions.pseudonymize("a")
    actions.pseudonymize(str(MOST_MET + 1))
    assert made == [str(MOST_MET + 1)]
    actions.forget()
    actions.pseudonymize("a")
    assert made == [str(MOST_MET + 1), "a"]
