"""GitLab's names from a checkout are added and never taken away by themselves; prose and addresses are refused."""

import json
from pathlib import Path

import pytest

from lambda_src.pseudonymizer.policy import policy as policies
from scripts import policy
from scripts.policy_review import document
from scripts.policy_review.gitlab_checkout import is_name
from tests.unit.policy_review.policies import LISTS, NAME, TEXT, compared


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for folder in ("config/events", "ee/config/events", "config/feature_flags/experiment"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "config/feature_categories.yml").write_text("---\n- source_code_management\n- brand_new_category\n")
    definition = "---\naction: brand_new_action\ncategory: BrandNewService\ninternal_events: true\n"
    (tmp_path / "config/events/one.yml").write_text(definition)
    (tmp_path / "ee/config/events/two.yml").write_text("action: alice@example.com\ncategory: prose with words of it\n")
    metric = "key_path: x\nevents:\n- name: event_of_a_metric\noptions:\n  events:\n  - old_event_of_a_metric\n"
    (tmp_path / "ee/config/metrics/counts_7d").mkdir(parents=True)
    (tmp_path / "ee/config/metrics/counts_7d/four.yml").write_text(metric)
    (tmp_path / "config/feature_flags/experiment/three.yml").write_text("name: brand_new_experiment\n")
    return tmp_path


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    file = tmp_path / "vocabulary.json"
    file.write_text(LISTS)
    return file


def run(checkout: Path, lists: Path, *more: str) -> int:
    return policy.main(["vocabulary", "--gitlab", str(checkout), "--file", str(lists), *more])


def test_new_names_are_added_old_ones_stay_and_addresses_are_refused(
    checkout: Path, lists: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(checkout, lists) == 1
    said = capsys.readouterr()
    before, after = json.loads(LISTS)["lists"], json.loads(lists.read_text())["lists"]
    new = {"brand_new_action", "event_of_a_metric", "old_event_of_a_metric"}
    assert set(after["se_action"]) == {*before["se_action"], *new}
    assert set(after["se_category"]) == {*before["se_category"], "BrandNewService"}
    assert set(after["experiment"]) == {*before["experiment"], "brand_new_experiment"}
    assert after["se_action"] == sorted(after["se_action"])
    assert "  + brand_new_action" in said.out
    assert "refused, no name of an event or thing: 'alice@example.com'" in said.err


def test_a_dry_run_writes_nothing_and_pruning_is_asked_for(checkout: Path, lists: Path) -> None:
    run(checkout, lists, "--prune", "--dry-run")
    assert lists.read_text() == LISTS
    run(checkout, lists, "--prune")
    assert json.loads(lists.read_text())["lists"]["experiment"] == ["brand_new_experiment"]


def test_what_is_no_checkout_is_one_line(tmp_path: Path, lists: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, lists) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("claude_haiku_4_5_20251001", "model", True),
        ("claude-haiku-4-5@20251001", "model", True),
        ("gpt_12345678", "model", False),
        ("user_123456", "se_action", False),
        ("alice@example.com", "se_action", False),
        ("Projects::IssuesController", "se_category", True),
        ("a sentence of quite many words", "se_category", False),
        ("", "se_action", False),
        ("a" * 129, "se_action", False),
    ],
)
def test_what_may_stand_in_a_list(text: str, name: str, *, expected: bool) -> None:
    assert is_name(text, name) is expected


def test_every_shipped_name_may_stand_in_its_list() -> None:
    lists = json.loads(LISTS)["lists"]
    assert [(name, each) for name, names in lists.items() for each in names if not is_name(each, name)] == []


def test_a_new_name_is_a_change_that_diff_shows() -> None:
    content = json.loads(LISTS)
    content["lists"]["se_action"].append("brand_new_action")
    old = document.parse(NAME, TEXT, LISTS)
    new = document.parse(NAME, TEXT, json.dumps(content))
    (change,) = compared(old, new)
    assert "the vocabulary action now also shows 'brand_new_action'" in change.sentence.lower()


def test_the_policys_version_changes_with_a_name(tmp_path: Path) -> None:
    (tmp_path / "gitlab.yaml").write_text(TEXT)
    lists = tmp_path / policies.GITLAB_VOCABULARY
    versions = set()
    for text in (LISTS, LISTS.replace('"accepted"', '"acceptedx"'), LISTS):
        lists.write_text(text)
        versions.add(policies.load(tmp_path / "gitlab.yaml").version)
    assert len(versions) == 2
