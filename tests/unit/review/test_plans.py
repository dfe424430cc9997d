"""Real plans, each scenario's finding and exit code, and the whole comment against a golden file.

`UPDATE_GOLDEN=1 pytest tests/unit/review` writes the golden files again: read their difference.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from scripts.plan_review.markdown import markdown
from scripts.plan_review.review import Review, widget
from scripts.review import main
from tests.fixtures.review.documents import COMMIT, reviewed
from tests.fixtures.review.plans import Plans

GOLDEN = Path(__file__).parent / "golden"


def found(review: Review) -> set[tuple[str, str]]:
    return {(entry.kind, entry.address) for entry in review.entries}


def check_golden(name: str, comment: str) -> None:
    file = GOLDEN / f"{name}.md"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(comment)
    assert comment == file.read_text()


@pytest.mark.parametrize(
    ("scenario", "exit_code", "findings"),
    [
        ("shards_lowered", 3, {("shards-lowered", '`module.stream["raw-bad"].aws_kinesis_stream.this`')}),
        ("stream_replaced", 4, {("data-destroyed", '`module.stream["raw-good"].aws_kinesis_stream.this`')}),
        (
            "expiry_shortened",
            3,
            {("expiry-shortened", "`module.lake.module.bucket.aws_s3_bucket_lifecycle_configuration.this`")},
        ),
        (
            "role_given_a_wildcard",
            4,
            {
                (kind, "`aws_iam_role_policy.enricher`")
                for kind in ("wildcard-allowed", "statements-changed", "reader-added")
            },
        ),
        (
            "security_group_opened",
            3,
            {("open-to-everyone", '`aws_vpc_security_group_ingress_rule.client["world"]`')},
        ),
        (
            "key_policy_widened",
            3,
            {(kind, '`module.keys.aws_kms_key.this["streams"]`') for kind in ("reader-added", "statements-changed")},
        ),
        ("secret_changed", 0, {("value-hidden", "`aws_ssm_parameter.canary`")}),
    ],
)
def test_a_scenario_has_its_finding_and_exit_code(
    plans: Plans, scenario: str, exit_code: int, findings: set[tuple[str, str]]
) -> None:
    review = reviewed(plans.scenario(scenario))
    assert found(review) == findings
    assert review.exit_code == exit_code
    check_golden(scenario, markdown(review))


def test_an_unchanged_plan_is_one_line(plans: Plans) -> None:
    assert len(plans.unchanged["resource_changes"]) > 10
    review = reviewed(plans.unchanged)
    assert markdown(review) == f"**dev**: no changes in `{COMMIT}`.\n"
    assert review.exit_code == 0
    assert widget(review) == {"create": 0, "update": 0, "delete": 0}


def test_a_first_apply_loses_nothing_and_names_who_reads(plans: Plans) -> None:
    review = reviewed(plans.first)
    assert {entry.section for entry in review.entries} == {"Privacy", "Permissions", "Exposure"}
    assert ("reader-added", "`aws_iam_role_policy.enricher`") in found(review)
    assert widget(review) == {"create": review.add, "update": 0, "delete": 0}
    assert review.exit_code == 3
    check_golden("first_apply", markdown(review))


def test_a_destroy_names_everything_that_holds_data(plans: Plans) -> None:
    review = reviewed(plans.destroyed)
    lost = {address for kind, address in found(review) if kind == "data-destroyed"}
    assert {
        '`module.stream["raw-good"].aws_kinesis_stream.this`',
        '`module.stream["raw-bad"].aws_kinesis_stream.this`',
        "`module.lake.module.bucket.aws_s3_bucket.this`",
        '`module.keys.aws_kms_key.this["streams"]`',
        "`aws_ssm_parameter.canary`",
    } <= lost
    assert review.exit_code == 4
    check_golden("destroy", markdown(review))


def test_everything_at_once_is_one_comment(plans: Plans) -> None:
    review = reviewed(plans.changed)
    assert review.approvers == ["data-owners", "privacy", "security"]
    alarms = sum("aws_cloudwatch_metric_alarm" in row.address for row in review.table)
    assert (review.add, review.change + review.replace, review.destroy) == (1, 6 + alarms, 0)
    numbers = {"create": 1 + review.replace, "update": review.change, "delete": review.replace}
    assert widget(review) == numbers
    check_golden("everything_at_once", markdown(review))


def test_the_order_of_a_plan_does_not_show(plans: Plans) -> None:
    turned: dict[str, Any] = {**plans.changed, "resource_changes": plans.changed["resource_changes"][::-1]}
    assert reviewed(turned) == reviewed(plans.changed)


def test_the_command_writes_every_form_and_exits_by_the_rules(
    plans: Plans, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(plans.scenario("stream_replaced")))
    numbers, page, comment = (tmp_path / name for name in ("widget.json", "page.html", "comment.md"))
    files = ["--widget", str(numbers), "--html", str(page), "--comment", str(comment)]
    assert main(["--plan", str(plan), "--json", *files]) == 4
    printed = json.loads(capsys.readouterr().out)
    assert printed["exit_code"] == 4
    assert json.loads(numbers.read_text()) == {"create": 1, "update": 0, "delete": 1}
    assert comment.read_text().startswith("### dev: 1 to replace")
    assert "<h4>Data loss</h4>" in page.read_text()
