import subprocess
import sys
from pathlib import Path

import pytest

from tools import skipped_tests

TESTS = """
import pytest

@pytest.mark.skip(reason="no Chromium here")
@pytest.mark.parametrize("number", [1, 2])
def test_browser(number): ...

@pytest.mark.skip(reason="openssl is not installed")
def test_openssl(): ...

def test_good(): ...
"""


def test_the_last_line_names_what_was_skipped_and_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_it.py").write_text(TESTS)
    skips, none = str(tmp_path / "skips.xml"), str(tmp_path / "none.xml")
    for arguments in ([f"--junitxml={skips}"], [f"--junitxml={none}", "-k", "good"]):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, "test_it.py"]
        subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert skipped_tests.main([skips, none]) == 0
    assert capsys.readouterr().out == (
        "skipped: 3 tests: 2 (no Chromium here); 1 (openssl is not installed); "
        "`make doctor` says how to get what is missing\n"
    )
    assert skipped_tests.main([none]) == 0
    assert capsys.readouterr().out == "skipped: no test\n"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "unit.xml"
    assert skipped_tests.main([str(file)]) == 1
    file.write_text("<testsuites>")
    assert skipped_tests.main([str(file)]) == 1
    assert [str(file) in line for line in capsys.readouterr().err.splitlines()] == [True, True]
