import sys
from pathlib import Path

import pytest

from tools import repeat_tests

ONCE = """
import pathlib, sys
mark = pathlib.Path(sys.argv[1])
junit = pathlib.Path("build/junit")
junit.mkdir(parents=True)
cases = '<testcase classname="tests.test_a" name="test_good"/>'
if not mark.exists():
    mark.touch()
    cases += '<testcase classname="tests.test_a" name="test_slow"><failure/></testcase>'
    cases += '<testcase classname="tests.test_a" name="test_set_up"><error/></testcase>'
(junit / "unit.xml").write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
sys.exit("failure" in cases)
"""


@pytest.fixture(autouse=True)
def _root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeat_tests, "ROOT", tmp_path)
    monkeypatch.setattr(repeat_tests, "JUNIT", tmp_path / "build/junit")
    monkeypatch.setattr(repeat_tests, "KEPT", tmp_path / "build/repeated-tests")


def test_the_tests_that_fail_in_one_run_are_listed_with_the_number_of_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-c", ONCE, str(tmp_path / "mark")]
    assert repeat_tests.main(["--times", "3", "--load", "1", "--", *command]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-3:] == [
        "2 of 3 runs passed",
        "1 of 3  tests/test_a::test_set_up",
        "1 of 3  tests/test_a::test_slow",
    ]
    assert (tmp_path / "build/repeated-tests/3/unit.xml").is_file()


def test_a_run_that_fails_with_no_test_points_to_its_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-c", "print('the reason'); raise SystemExit(2)"]
    assert repeat_tests.main(["--times", "1", "--load", "0", "--", *command]) == 1
    assert "no test: see output.log" in capsys.readouterr().out
    assert (tmp_path / "build/repeated-tests/1/output.log").read_text() == "the reason\n"
