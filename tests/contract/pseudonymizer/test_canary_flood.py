"""The second generator of canaries finds nothing, and would find what leaks."""

import dataclasses

import pytest

from lambda_src.pseudonymizer.policy import policy
from lambda_src.pseudonymizer.policy.policy import Allow, Vocabulary
from tests.unit.pseudonymizer.samples import POLICY_FILE
from tools import canary_flood

SHIPPED = policy.load(POLICY_FILE)


def test_no_canary_of_a_thousand_records_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert canary_flood.main(["--records", "1000", "--seed", "7"]) == 0
    assert "0 hits" in capsys.readouterr().out


@pytest.mark.parametrize("opened", ["column", "property"])
def test_one_rule_that_shows_anything_is_noticed(opened: str, monkeypatch: pytest.MonkeyPatch) -> None:
    anything = Allow(Vocabulary(pattern=r"[\s\S]*"))
    columns = {**SHIPPED.columns, "page_title": anything} if opened == "column" else SHIPPED.columns
    schemas = {
        criterion: {**rules, "user_id": anything}
        if opened == "property" and criterion.name == "gitlab_standard"
        else rules
        for criterion, rules in SHIPPED.schemas.items()
    }
    leaking = dataclasses.replace(SHIPPED, columns=columns, schemas=schemas)
    monkeypatch.setattr(policy, "load", lambda _: leaking)
    assert canary_flood.main(["--records", "600"]) == 1


@pytest.mark.parametrize(
    "said", [b"Kx7QzPw9", b"a kX7qZpW9 b", b"9wPzQ7xK", b"4b7837517a507739", b"%4b%78%37%51%7a%50%77%39"]
)
def test_the_search_knows_the_encodings(said: bytes) -> None:
    assert canary_flood.hits(said)
