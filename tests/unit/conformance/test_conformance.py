"""Every row of a contract has a test, every marker names a row, and the command reports what lacks one."""

from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from tools import conformance
from tools.conformance import FAILED, LEFT_OUT, NO_TEST, OK, Recorder, Result, Row


def marked_rows(service: str) -> set[str]:
    """Collect the service's tests, and return the rows they name: to one who knows no row, all are unknown."""
    recorder = Recorder({})
    folders = [str(conformance.ROOT / f"tests/{kind}/{service}") for kind in ("contract", "unit")]
    assert pytest.main(["-q", "-q", "--collect-only", "-m", "contract", *folders], plugins=[recorder]) == 0
    return recorder.unknown


SERVICES = [
    service
    for service in conformance.SERVICES
    if (conformance.ROOT / f"tests/contract/{service}/contract.yaml").is_file()
]


@pytest.mark.parametrize("service", SERVICES)
def test_rows_and_markers_match(service: str) -> None:
    rows, marked = conformance.contract(service), marked_rows(service)
    assert marked - set(rows) == set()
    assert {name for name, row in rows.items() if row.does != "left out"} - marked == set()


@pytest.mark.parametrize(
    "text",
    [
        "{is: x, does: safer}",
        "{is: x, does: left out}",
        "{is: x, option: y}",
        "{is: x, does: other}",
        "{is: x, unknown: y}",
        "{does: same}",
    ],
)
def test_a_difference_without_an_explanation_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.yaml.decode(text, type=Row)


class Item:
    def __init__(self, nodeid: str, *rows: str) -> None:
        self.nodeid = nodeid
        self._rows = rows

    def iter_markers(self, name: str) -> list[pytest.Mark]:
        assert name == "contract"
        return [pytest.Mark("contract", self._rows, {}, _ispytest=True)]


def report(nodeid: str, when: str, outcome: str) -> pytest.TestReport:
    return pytest.TestReport(nodeid, (nodeid, 0, nodeid), {}, cast("Any", outcome), None, cast("Any", when))


def test_a_row_is_ok_when_all_its_tests_pass() -> None:
    results = {name: Result(name, "", "left out" if name == "f" else "same", "") for name in "abcdef"}
    recorder = Recorder(results)
    items = [Item("1", "a", "b"), Item("2", "b"), Item("3", "c"), Item("4", "d"), Item("5", "other")]
    recorder.pytest_collection_modifyitems(cast("list[pytest.Item]", items))
    for nodeid, when, outcome in (
        ("1", "call", "passed"),
        ("2", "call", "failed"),
        ("3", "setup", "failed"),
        ("4", "call", "skipped"),
        ("5", "call", "passed"),
    ):
        recorder.pytest_runtest_logreport(report(nodeid, when, outcome))
    outcomes = {name: result.outcome for name, result in results.items()}
    assert outcomes == {"a": OK, "b": FAILED, "c": FAILED, "d": NO_TEST, "e": NO_TEST, "f": LEFT_OUT}
    assert recorder.unknown == {"other"}


def test_the_program_runs_the_tests_of_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "tests/contract/collector"
    folder.mkdir(parents=True)
    (tmp_path / "tests/unit/collector").mkdir(parents=True)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = contract")
    (folder / "contract.yaml").write_text('B.1:\n  a: {is: "x [y]"}\n  b: {is: z, does: left out, reason: nobody asks}')
    (folder / "test_it.py").write_text(
        "import pytest\n\n@pytest.mark.contract('B.1/a')\ndef test_it() -> None:\n    assert 1 == 1\n"
    )
    monkeypatch.setattr(conformance, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["conformance", "collector"])
    assert conformance.main() == 0
    assert "2 rows: 1 ok, 1 left out" in capsys.readouterr().out
    (folder / "contract.yaml").write_text("B.1:\n  a: {is: x}\n  c: {is: y}")
    assert conformance.main() == 1
    assert "2 rows: 1 ok, 1 NO TEST" in capsys.readouterr().out
