"""What a merge request changes beside the plan, in a repository of the test's own."""

import json
import subprocess
from pathlib import Path

import pytest

from scripts.plan_review.markdown import markdown
from scripts.plan_review.merge_request import GitError, read_merge_request
from scripts.plan_review.policy_change import compare
from scripts.review import main
from scripts.terraform_runner.environment import ROOT
from tests.fixtures.review.documents import document, resource, reviewed

POLICY = (ROOT / "policy/gitlab.yaml").read_text("utf-8")
WIDER = POLICY.replace("\n  se_label: pseudonymize\n", "\n  se_label: {allow: {pattern: '.*'}}\n", 1)
VOCABULARY = "policy/gitlab-vocabulary.json"
LISTS = (ROOT / VOCABULARY).read_text("utf-8")
IDENTITY = ["-c", "user.name=x", "-c", "user.email=x@example.com"]


def git(repository: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", repository, *IDENTITY, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    assert WIDER != POLICY
    git(tmp_path, "init", "-b", "main")
    for name, text in {
        "policy/gitlab.yaml": POLICY,
        VOCABULARY: LISTS,
        "policy/review.yaml": "a",
        "README.md": "a",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "base")
    git(tmp_path, "checkout", "-b", "topic")
    return tmp_path


def change(repository: Path, name: str, text: str) -> None:
    (repository / name).write_text(text)
    git(repository, "commit", "-am", name)


def test_a_widened_allowlist_is_a_finding_with_its_sentences(repository: Path) -> None:
    change(repository, "policy/gitlab.yaml", WIDER)
    review = reviewed(document(), read_merge_request(repository, "main"))
    assert [(entry.kind, entry.address) for entry in review.entries] == [("attribute-visible", "`policy/gitlab.yaml`")]
    assert review.exit_code == 3
    assert review.approvers == ["privacy"]
    assert "The column se\\_label becomes visible" in markdown(review)


def test_a_narrowed_allowlist_waits_for_nobody(repository: Path) -> None:
    git(repository, "checkout", "-q", "main")
    change(repository, "policy/gitlab.yaml", WIDER)
    git(repository, "checkout", "-qb", "back")
    change(repository, "policy/gitlab.yaml", POLICY)
    review = reviewed(document(), read_merge_request(repository, "main"))
    assert [entry.kind for entry in review.entries] == ["policy-changed"]
    assert review.exit_code == 0


def test_what_happened_on_main_meanwhile_is_not_of_this_merge_request(repository: Path) -> None:
    git(repository, "checkout", "-q", "main")
    change(repository, "policy/gitlab.yaml", WIDER)
    git(repository, "checkout", "-q", "topic")
    change(repository, "README.md", "b")
    assert read_merge_request(repository, "main").findings == ()


def test_a_change_of_the_rules_is_a_finding(repository: Path) -> None:
    change(repository, "policy/review.yaml", "b")
    (finding,) = read_merge_request(repository, "main").findings
    assert (finding.kind, finding.address) == ("rules-changed", "policy/review.yaml")


PROTECTED = 'resource "aws_s3_bucket" "this" {\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n'
UNPROTECTED = PROTECTED.replace("true", "false")


def protected(repository: Path, path: str) -> None:
    """Let main have a protected bucket, and the branch start from there."""
    git(repository, "checkout", "-q", "main")
    (repository / path).parent.mkdir(parents=True)
    (repository / path).write_text(PROTECTED)
    git(repository, "add", ".")
    git(repository, "commit", "-m", "protected")
    git(repository, "checkout", "-qb", "later")


def test_protection_removed_in_the_source_is_a_finding(repository: Path) -> None:
    protected(repository, "modules/bucket/main.tf")
    change(repository, "modules/bucket/main.tf", UNPROTECTED)
    review = reviewed(document(), read_merge_request(repository, "main"))
    assert [(entry.kind, entry.address) for entry in review.entries] == [("protection-off", "`modules/bucket`")]
    assert review.exit_code == 3
    assert "`aws_s3_bucket.this` loses `prevent_destroy`" in markdown(review)


def test_protected_resource_may_move_to_another_file_of_its_module(repository: Path) -> None:
    protected(repository, "modules/bucket/main.tf")
    git(repository, "mv", "modules/bucket/main.tf", "modules/bucket/bucket.tf")
    change(repository, "modules/bucket/bucket.tf", PROTECTED + "# moved\n")
    assert read_merge_request(repository, "main").findings == ()


@pytest.mark.parametrize(("environment", "kinds"), [("production", ["protection-off"]), ("localstack", [])])
def test_overrides_of_an_environment_that_holds_data_are_a_finding(
    repository: Path, environment: str, kinds: list[str]
) -> None:
    path = f"environments/{environment}/overrides/modules/bucket/unprotected_override.tf"
    (repository / path).parent.mkdir(parents=True)
    (repository / path).write_text(UNPROTECTED)
    git(repository, "add", ".")
    git(repository, "commit", "-m", "override")
    assert [finding.kind for finding in read_merge_request(repository, "main").findings] == kinds


def test_merge_request_of_documentation_is_one_line_whatever_the_plan_still_shows(repository: Path) -> None:
    change(repository, "README.md", "b")
    stream = resource("aws_kinesis_stream", {"shard_count": 2}, {"shard_count": 1})
    review = reviewed(document(stream), read_merge_request(repository, "main"))
    assert markdown(review) == f"**dev**: `{review.commit}` changes documentation only.\n"
    assert review.exit_code == 0


def test_merge_request_of_documentation_and_a_rule_is_reviewed_whole(repository: Path) -> None:
    change(repository, "README.md", "b")
    change(repository, "policy/review.yaml", "b")
    review = reviewed(document(), read_merge_request(repository, "main"))
    assert [entry.kind for entry in review.entries] == ["rules-changed"]


def test_without_a_base_only_the_commit_is_read(repository: Path) -> None:
    change(repository, "policy/gitlab.yaml", WIDER)
    request = read_merge_request(repository, None)
    assert (len(request.commit), request.findings) == (12, ())


def test_a_base_that_is_not_there_is_one_line(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(GitError, match="no common commit with nowhere: fetch it"):
        read_merge_request(repository, "nowhere")
    plan = repository / "plan.json"
    plan.write_text('{"format_version": "1.2"}')
    assert main(["--plan", str(plan), "--base", "nowhere", "--repository", str(repository)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_policy_that_cannot_be_used_counts_as_showing_more() -> None:
    found = compare(POLICY, "version: 1\ncolumns: [", LISTS, LISTS)
    assert found.visible
    assert "cannot be used" in found.summary


def test_a_difference_is_the_same_text_each_time() -> None:
    assert compare(POLICY, WIDER, LISTS, LISTS) == compare(POLICY, WIDER, LISTS, LISTS)


VIEW = "create or replace view events.a_1 as\nselect\n    event_id,\n    plan\nfrom linked.a_1;\n"
ROLES = "grants:\n  - {role: analyst, privileges: [select], objects: [all views in events]}\n"


def test_a_column_that_analysts_gain_needs_approval_and_one_they_lose_is_named(repository: Path) -> None:
    folder = repository / "warehouse/snowflake"
    folder.mkdir(parents=True)
    (folder / "R__20_entity_views.sql").write_text(VIEW)
    git(repository, "add", ".")
    git(repository, "commit", "-m", "views")
    git(repository, "branch", "-f", "main")
    change(repository, "warehouse/snowflake/R__20_entity_views.sql", VIEW.replace("    plan", "    realm,\n    source"))
    review = reviewed(document(), read_merge_request(repository, "main"))
    assert [entry.kind for entry in review.entries] == ["warehouse-shows-more", "warehouse-changed"]
    assert review.exit_code == 3
    text = markdown(review)
    assert "`events.a_1.realm`" in text
    assert "`events.a_1.plan`" in text


def test_a_right_that_a_role_gains_needs_approval(repository: Path) -> None:
    (repository / "warehouse").mkdir()
    (repository / "warehouse/roles.yaml").write_text(ROLES)
    git(repository, "add", ".")
    git(repository, "commit", "-m", "roles")
    git(repository, "branch", "-f", "main")
    change(
        repository, "warehouse/roles.yaml", ROLES.replace("all views in events", "all views in events, schema snowplow")
    )
    review = reviewed(document(), read_merge_request(repository, "main"))
    assert [entry.kind for entry in review.entries] == ["warehouse-shows-more"]
    assert "`analyst: select on schema snowplow`" in markdown(review)


def test_a_name_that_joins_the_vocabulary_is_a_change_of_the_policy(repository: Path) -> None:
    lists = json.loads(LISTS)
    lists["lists"][next(iter(lists["lists"]))].append("a_name_of_nobody")
    change(repository, VOCABULARY, json.dumps(lists))
    review = reviewed(document(), read_merge_request(repository, "main"))
    assert [entry.kind for entry in review.entries] == ["attribute-visible"]


def test_added_schemas_are_listed_with_what_the_policy_hides(repository: Path) -> None:
    lock = repository / "environments/dev/schemas.lock.json"
    lock.parent.mkdir(parents=True)
    lock.write_text(json.dumps({"schemas": {"com.acme/old/jsonschema/1-0-0": "0" * 64}}))
    git(repository, "add", ".")
    git(repository, "commit", "-m", "lock")
    git(repository, "branch", "-f", "main")
    keys = ["com.acme/old", "com.acme/new", "com.gitlab/gitlab_standard"]
    lock.write_text(json.dumps({"schemas": {f"{key}/jsonschema/1-0-0": "0" * 64 for key in keys}}))
    bundled = repository / "schemas/com.acme/thing/jsonschema/1-0-0"
    bundled.parent.mkdir(parents=True)
    bundled.write_text("{}")
    git(repository, "add", ".")
    git(repository, "commit", "-m", "schemas")

    found = read_merge_request(repository, "main").findings
    assert [(each.kind, each.address, each.text) for each in found] == [
        (
            "schemas-added",
            "environments/dev/schemas.lock.json",
            "2 schemas added; the policy names 1 and hides every value of 1",
        ),
        ("schemas-added", "schemas/", "1 schema added; the policy names 0 and hides every value of 1"),
    ]
    assert found[0].details == (
        "`com.acme/new/jsonschema/1-0-0`: hidden",
        "`com.gitlab/gitlab_standard/jsonschema/1-0-0`",
    )
    assert reviewed(document(), read_merge_request(repository, "main")).exit_code == 0
