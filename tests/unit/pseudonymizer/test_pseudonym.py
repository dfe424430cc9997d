import hashlib
import hmac
import json
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.pseudonymizer.pseudonym import LENGTH, pseudonym_function
from lambda_src.pseudonymizer.transform.actions import MOST_MET, Actions
from tests.unit.pseudonymizer.samples import ROOT

VECTORS: dict[str, Any] = json.loads((ROOT / "tests/fixtures/pseudonyms.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS["pseudonyms"], ids=lambda vector: vector["case"])
def test_fixed_vectors(vector: dict[str, str]) -> None:
    assert pseudonym_function(bytes.fromhex(VECTORS["key_hex"]))(vector["value"]) == vector["pseudonym"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_gives_the_same() -> None:
    command = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{VECTORS['key_hex']}"]
    for vector in VECTORS["pseudonyms"]:
        answer = subprocess.run(command, input=vector["value"].encode(), capture_output=True, check=True).stdout
        assert answer.split()[-1].decode() == vector["pseudonym"]


@given(st.binary(min_size=32, max_size=200), st.text())
def test_it_is_hmac_for_keys_of_any_length(key: bytes, text: str) -> None:
    shown = pseudonym_function(key)(text)
    assert shown == hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    assert len(shown) == LENGTH


def test_a_value_met_again_has_its_pseudonym_is_counted_and_the_memory_has_an_end() -> None:
    pseudonym = pseudonym_function(bytes(range(32)))
    made: list[str] = []

    def noted(text: str) -> str:
        made.append(text)
        return pseudonym(text)

    actions = Actions(noted)
    assert actions.pseudonymize("a") == actions.pseudonymize("a") == pseudonym("a")
    assert (made, actions.counts.pseudonymized) == (["a"], 2)
    for number in range(MOST_MET + 10):
        assert actions.pseudonymize(str(number)) == pseudonym(str(number))
    assert len(actions.met) == MOST_MET
