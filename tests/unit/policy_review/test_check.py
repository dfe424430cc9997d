from datetime import date

import pytest

from scripts import policy
from scripts.policy_review import document, generated, usefulness
from scripts.policy_review.check import expiring, problems
from scripts.policy_review.document import UnusableError
from tests.unit.policy_review.policies import IDENTIFYING, NAME, TEXT, edited, line_of, parsed


def found(text: str) -> list[str]:
    return [str(problem) for problem in problems(parsed(text), IDENTIFYING)]


def test_the_shipped_policy_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert policy.main(["check"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("edit", "begin", "column", "said"),
    [
        (("user_id: {pseudonymize", "user_id: alow"), "user_id: alow", 3, "columns.user_id: 'alow' is not a rule: use"),
        (("user_id: {pseudonymize", "user_id: allow"), "user_id: allow", 3, "columns.user_id: a text can be anything"),
        (("user_id: {pseudonymize", "user_idd: erase"), "user_idd", 3, "columns.user_idd: no column"),
        (("txn_id: erase", "txn_id: pseudonymize"), "txn_id", 3, "columns.txn_id: cannot hold a pseudonym"),
        (("platform: {allow", "platform: {allow: nonsense}"), "platform: {allow: n", 14, "there is no vocabulary"),
        (("user_id: {pseudonymize", "user_id: {alow: app}"), "user_id", 3, "columns.user_id: no rule: with a colon"),
        (("letters: {pattern", "letters: {pattern: '('}"), "letters", 13, "vocabularies.letters"),
        (("letters: {pattern", "letters: {values: [1]}"), "letters", 3, "put numbers, true and false in quotes"),
        (("version: 1", "version: 2"), "version: 2", 1, "version: "),
        (("version: 1", "version: 1\ncolums: {}"), "colums", 1, "colums: no such key here"),
        (("plan: {allow", "plan..x: erase"), "iglu:com.gitlab/gitlab_standard", 3, "names no property path"),
        (
            ("plan: {allow", "plann: {allow: plan}"),
            "plann",
            5,
            "no version of the schema in schemas/ has this property",
        ),
        (("app_id: {allow", ""), "columns:", 1, "columns: the column app_id is not named: add `app_id: pseudonymize`"),
        (("txn_id: erase", ""), "columns:", 1, "the column txn_id is not named: add `txn_id: erase`"),
        (
            ("correlation_id: {pse", ""),
            "iglu:com.gitlab/gitlab_standard",
            3,
            "the property correlation_id is not named",
        ),
        (
            ("iglu:com.gitlab/user_context", ""),
            "schemas:",
            1,
            "iglu:com.gitlab/user_context/jsonschema/1-0-0 is not named",
        ),
        (
            ("iglu:com.gitlab/user_context", "com.gitlab/user_context: {}"),
            "com.gitlab/user_context",
            3,
            "no Iglu criterion",
        ),
        (
            ("iglu:com.gitlab/user_context", "iglu:com.gitlab/gitlab_standard/jsonschema/1-0-*: {}"),
            "iglu:com.gitlab/gitlab_standard/jsonschema/1-0-*",
            3,
            "gitlab_standard/jsonschema/1-*-* covers some of the same versions",
        ),
        (
            ("user_id: {pseudonymize", "user_id: {allow: amount}"),
            "user_id",
            3,
            "columns.user_id: identifies a person (the",
        ),
        (("correlation_id: {pse", "correlation_id: {allow: uuid}"), "correlation_id", 5, "identifies a person (joins"),
        (("cookie: pse", "cookie: {allow: flag}"), "cookie: {", 3, "headers.cookie: identifies a person"),
        (("gclid: {pse", "gclid: {allow: flag}"), "gclid: {", 5, "urls.query.gclid: identifies a person"),
        (("line: pse", "line: message"), "line: message", 3, "old_failed_event.line: identifies a person"),
        (("u: url", "uid: {allow: amount}"), "uid", 3, "parameters.uid: identifies a person (the number or name"),
    ],
)
def test_each_error_names_file_line_column_path_and_remedy(
    edit: tuple[str, str], begin: str, column: int, said: str
) -> None:
    text = edited(edit)
    place = f"policy/gitlab.yaml:{line_of(text, begin)}:{column}: "
    assert any(problem.startswith(place) and said in problem for problem in found(text)), found(text)


def test_several_errors_are_all_said_in_the_order_of_the_file() -> None:
    text = edited(
        ("app_id: {allow", "app_id: alow"), ("platform: {allow", "platform: 3"), ("letters: {", "letters: {}")
    )
    assert [problem.split(":")[3].strip() for problem in found(text)] == [
        "vocabularies.letters", "columns.app_id", "columns.platform",
    ]  # fmt: skip


@pytest.mark.parametrize("because", ["because: ''", "because: '  '"])
def test_an_empty_because_is_none(because: str) -> None:
    assert found(edited(("user_id: {pseudonymize", f"user_id: {{allow: amount, {because}}}"))) != []


@pytest.mark.parametrize(
    "rule",
    [
        "{allow: amount, because: the support team asks, owner: support, purpose: x, expires: '2099-01-01'}",
        "{truncate: ip, because: abuse is found by network, owner: abuse, purpose: x, expires: '2099-01-01'}",
    ],
)
def test_what_identifies_may_be_shown_with_a_because(rule: str) -> None:
    assert found(edited(("user_ipaddress: erase", f"user_ipaddress: {rule}"))) == []


def test_an_unknown_schema_cannot_show_what_its_name_says_identifies() -> None:
    added = "iglu:a/b/jsonschema/1-*-*: {author.userName: {allow: app}, colour: {allow: app}}"
    said = [
        problem
        for problem in found(
            edited(("iglu:com.gitlab/user_context", f"{added}\n  iglu:com.gitlab/user_context/jsonschema/1-*-*: {{}}"))
        )
        if "identifies" in problem
    ]
    assert len(said) == 1
    assert "author.userName: identifies a person (the name of one account)" in said[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("columns:\n  a: 1\n  a: 2\n", "gitlab.yaml:3:3: columns.a: occurs twice, first in line 2: keep one"),
        ("a: b\nc: [\n", "gitlab.yaml:3:1: no YAML"),
        ("a: 'b\x00'", "no YAML"),
        ("a: !!python/object/apply:os.getcwd []", "gitlab.yaml:1:4: no YAML"),
        ("a: &a [*a]\n", "gitlab.yaml:1:"),
        ("a: *a\n", "gitlab.yaml:1:4: no YAML"),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(UnusableError) as caught:
        document.parse("gitlab.yaml", text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "allow", "[]", "3"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    assert found(text) != []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no/such.yaml", "no/such.yaml:1:1: cannot be read: No such file"),
        ("HEAD:no/such.yaml", "HEAD:no/such.yaml:1:1: git has no such file"),
        ("--output=x:y", "git has no such file"),
    ],
)
def test_a_file_that_is_not_there(name: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert policy.main(["check", f"--policy={name}"]) == 1
    assert said in capsys.readouterr().err


def test_a_revision_of_git_is_read() -> None:
    assert document.read("HEAD:requirements/dev.in").text.startswith("-r ")


def test_the_text_of_these_tests_is_the_shipped_policy() -> None:
    assert found(TEXT) == []


@pytest.mark.parametrize(
    ("edit", "path"),
    [
        (("se_label: pse", "se_label: {pseudonymize: user}"), "columns.se_label"),
        (("search: pse", "search: {pseudonymize: project}"), "urls.query.search"),
        (("cookie: pse", "cookie: {pseudonymize: device}"), "headers.cookie"),
        (("correlation_id: {", "correlation_id: {pseudonymize: user}"), "correlation_id"),
        (("elementContent: pse", "elementContent: {pseudonymize: session}"), "elementContent"),
        (("app_id: {", "app_id: {allow: app, otherwise: {pseudonymize: user}}"), "columns.app_id"),
    ],
)
def test_free_text_beside_an_identity_is_refused(edit: tuple[str, str], path: str) -> None:
    (problem,) = found(edited(edit))
    assert f"{path}: a sender can write anything here" in problem


def test_the_documents_say_what_the_policy_says() -> None:
    read = document.read(NAME)
    for file, text in generated.documents(read, document.load(read)):
        assert file.read_text("utf-8") == text, f"{file} is out of date: run python -m scripts.policy document"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (("os_timezone: erase", "os_timezone: pseudonymize"), "columns.os_timezone: has 400 values"),
        (("is_gitlab_team_member: {", "is_gitlab_team_member: pseudonymize"), "is_gitlab_team_member: has 2 values"),
        (("elementType: {", "elementType: {pseudonymize: page}"), "elementType: has"),
    ],
)
def test_a_pseudonym_for_a_member_of_a_small_set_is_refused(edit: tuple[str, str], said: str) -> None:
    assert any(said in problem for problem in found(edited(edit)))


def identifying(expires: str) -> str:
    rule = f"{{allow: amount, because: support asks, owner: support, purpose: calls, expires: '{expires}'}}"
    return edited(("user_id: {pse", f"user_id: {rule}"))


@pytest.mark.parametrize("missing", ["owner: support, ", "purpose: calls, ", ", expires: '2026-06-30'"])
def test_what_identifies_needs_owner_purpose_and_an_end(missing: str) -> None:
    text = identifying("2026-06-30").replace(missing, "")
    said = [str(each) for each in problems(parsed(text), IDENTIFYING, date(2026, 6, 1))]
    assert len([each for each in said if "columns.user_id: identifies a person and says no" in each]) == 1


def test_what_has_expired_is_refused_and_what_will_is_a_warning() -> None:
    read = parsed(identifying("2026-06-30"))
    for day, refused, warned in ((date(2026, 5, 30), 0, 0), (date(2026, 6, 1), 0, 1), (date(2026, 7, 1), 1, 0)):
        said = [str(each) for each in problems(read, IDENTIFYING, day)]
        assert len([each for each in said if "may be shown until 2026-06-30 only" in each]) == refused
        assert len([each for each in expiring(read, day) if "user_id" in str(each)]) == warned


def test_no_documented_closed_set_is_hidden() -> None:
    """What GitLab documents with a closed set is shown in its own example events; times and versions coarsely."""
    read = document.read(NAME)
    closed = (
        *(
            "app_id",
            "platform",
            "event",
            "v_tracker",
            "se_category",
            "se_action",
            "environment",
            "source",
            "plan",
            "realm",
        ),
        *(
            "deployment_type",
            "user_type",
            "is_gitlab_team_member",
            "feature_enablement_type",
            "event_name",
            "experiment",
        ),
        *("ide_name", "ide_vendor", "extension_name", "flow_type", "agent_type", "model_name", "model_provider"),
    )
    hidden = [
        line
        for line in list(usefulness.lines(document.load(read)))[2:]
        if line.split(" | ")[1] in closed and not line.endswith("| the value |")
    ]
    assert hidden == []
