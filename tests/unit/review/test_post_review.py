"""The posting script against a stand-in for GitLab's API, over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.post_review import main
from tests.fixtures.gitlab_stand_in import SOMEBODY, TOKEN, GitLab

MARKER = "<!-- snowveil review of dev -->"


@pytest.fixture
def gitlab(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitLab]:
    server = GitLab()
    settings = {"CI_API_V4_URL": server.url, "CI_PROJECT_ID": "42", "CI_MERGE_REQUEST_IID": "3", "GITLAB_TOKEN": TOKEN}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    yield server
    server.stop()


@pytest.fixture
def comment(tmp_path: Path) -> Path:
    file = tmp_path / "review.md"
    file.write_text("### dev: 1 to add é\n")
    return file


def post(comment: Path, env: str = "dev") -> int:
    return main(["--env", env, "--comment", str(comment)])


def test_the_first_review_makes_a_note_and_the_next_one_updates_it(gitlab: GitLab, comment: Path) -> None:
    for number in range(5):
        gitlab.add(f"a person's note {number}", SOMEBODY)
    assert post(comment) == 0
    assert gitlab.notes[-1]["body"] == f"{MARKER}\n### dev: 1 to add é"
    comment.write_text("### dev: 2 to add\n")
    assert post(comment) == 0
    assert [note["body"] for note in gitlab.notes[5:]] == [f"{MARKER}\n### dev: 2 to add"]


def test_an_unchanged_review_writes_nothing(gitlab: GitLab, comment: Path) -> None:
    post(comment)
    gitlab.requests.clear()
    assert post(comment) == 0
    assert set(gitlab.requests) == {"GET"}


def test_each_environment_has_its_note(gitlab: GitLab, comment: Path) -> None:
    post(comment)
    post(comment, "production")
    assert len(gitlab.notes) == 2


def test_somebody_elses_note_with_the_marker_is_left_alone(gitlab: GitLab, comment: Path) -> None:
    gitlab.add(f"{MARKER}\nforged", SOMEBODY)
    assert post(comment) == 0
    assert [note["body"].split("\n")[1] for note in gitlab.notes] == ["forged", "### dev: 1 to add é"]


def test_a_passing_failure_is_tried_again(gitlab: GitLab, comment: Path) -> None:
    gitlab.failures = [502, 429]
    assert post(comment) == 0
    assert len(gitlab.notes) == 1


def test_a_note_is_never_created_twice(
    gitlab: GitLab, comment: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    original = gitlab.add

    def lost(body: str) -> dict[str, object]:
        gitlab.failures = []
        original(body)
        raise ConnectionResetError

    monkeypatch.setattr(gitlab, "add", lost)
    monkeypatch.setattr(gitlab, "handle_error", lambda *_: None)
    assert post(comment) == 1
    assert gitlab.requests.count("POST") == 1
    assert capsys.readouterr().err.startswith("GitLab does not answer POST")


@pytest.mark.parametrize(("status", "said"), [(403, "needs scope api"), (404, "GitLab answers 404 to GET /user")])
def test_a_refusal_is_one_line_without_the_token(
    gitlab: GitLab, comment: Path, capsys: pytest.CaptureFixture[str], status: int, said: str
) -> None:
    gitlab.failures = [status]
    assert post(comment) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert TOKEN not in error


def test_a_missing_setting_is_named(
    gitlab: GitLab, comment: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITLAB_TOKEN")
    assert post(comment) == 1
    assert capsys.readouterr().err.startswith("GITLAB_TOKEN is not set")
    assert gitlab.requests == []
