"""Dangerous changes of the whole production environment: each is found (docs/benchmarks/review-scenarios.md).

`UPDATE_GOLDEN=1 pytest tests/unit/review/test_scenarios.py` writes the table again: read its difference.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from scripts.plan_review.review import Entry, Review
from scripts.plan_review.rules import read_rules
from scripts.terraform_runner.environment import ROOT
from tests.fixtures.made_once import made_once
from tests.fixtures.offline_plan import shared_plan
from tests.fixtures.review.documents import document, resource, reviewed
from tests.fixtures.review.scenarios import ENVIRONMENT, Scenario, changed_plan, merged, read_scenarios

PAGE = ROOT / "docs/benchmarks/review-scenarios.md"
SCENARIOS = read_scenarios()
HEAD = """# Dangerous changes that the review finds

<!-- Written by UPDATE_GOLDEN=1 pytest tests/unit/review/test_scenarios.py -->

Two plans of the production environment, one with every change below, are made with Terraform and the AWS provider; a
row is the review of its own part of their difference. 3: somebody must approve. 4: the job fails. 0: it passes.

| change | resource | found | rule | exit code |
|---|---|---|---|---|
"""


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return shared_plan(tmp_path_factory, ENVIRONMENT)


@pytest.fixture(scope="module")
def reviews(today: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Scenario, Review]]:
    changed = made_once(tmp_path_factory, "plan-dangerous", changed_plan)
    return [(scenario, reviewed(merged(today, changed, scenario))) for scenario in SCENARIOS]


def finding(scenario: Scenario, review: Review) -> Entry | None:
    entries = (entry for entry in review.entries if entry.kind == scenario.kind)
    return next((entry for entry in entries if scenario.says in f"{entry.text} {' '.join(entry.details)}"), None)


def rows(reviews: list[tuple[Scenario, Review]]) -> Iterator[str]:
    for scenario, review in reviews:
        entry = finding(scenario, review)
        found, rule = (entry.kind, entry.rule) if entry else ("**missed**", "")
        yield f"| {scenario.what} | `{scenario.address}` | {found} | {rule} | {review.exit_code} |"
    missed = sum(finding(*pair) is None for pair in reviews)
    yield f"\n{len(reviews)} changes, {missed} missed."


def test_every_dangerous_change_is_found_by_its_rule(reviews: list[tuple[Scenario, Review]]) -> None:
    assert [scenario.what for scenario, review in reviews if finding(scenario, review) is None] == []
    assert len(reviews) >= 40
    # The comment says it and no more: a package is reviewed where it is made, and a fleet may shrink.
    passing = {scenario.what for scenario, review in reviews if review.exit_code < 3}
    assert passing == {"other code in the package", "smaller fleet"}


def test_table_of_scenarios_is_up_to_date(reviews: list[tuple[Scenario, Review]]) -> None:
    text = HEAD + "\n".join(rows(reviews)) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(text)
    assert text == PAGE.read_text(), "UPDATE_GOLDEN=1 pytest tests/unit/review/test_scenarios.py writes it again"


def test_first_apply_stops_at_no_rule_and_every_kind_of_resource_is_known(today: dict[str, Any]) -> None:
    review = reviewed(today)
    assert {entry.rule for entry in review.entries if entry.exit_code == 4} == set()
    unknown = [entry.text for entry in review.entries if entry.kind == "unclassified-change"]
    assert unknown == [], "give it a rule in scripts/plan_review, or a reason in policy/review.yaml under harmless"


def test_a_plan_that_changes_nothing_has_no_finding(today: dict[str, Any]) -> None:
    unchanged = [
        resource(entry["type"], entry["change"]["after"], entry["change"]["after"], actions=["no-op"])
        for entry in today["resource_changes"]
        if entry["mode"] == "managed"
    ]
    assert reviewed(document(*unchanged)).entries == []


def test_no_harmless_attribute_is_named_without_a_reason() -> None:
    for entry in read_rules().harmless:
        assert len(entry.reason.split()) > 3, entry
