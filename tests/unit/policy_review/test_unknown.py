import json
from pathlib import Path

import pytest

from lambda_src.pseudonymizer.delivery import metrics
from lambda_src.pseudonymizer.transform.actions import Counts
from scripts import policy


def line(**unknown: int) -> str:
    counts = Counts(unknown=sum(unknown.values()) + 1)
    counts.unknown_each.update(unknown)
    return metrics.line({"Delivery": "output"}, metrics.Measured(), counts)


def test_the_functions_lines_are_summed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs = tmp_path / "logs"
    lines = ["START RequestId: x", f"2026-01-02T03:04:05 {line(a=2, b=1)}", line(b=5), "{}", "{", ""]
    logs.write_text("\n".join(lines))
    assert policy.main(["unknown", str(logs)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2 invocations; the policy does not name 2 of what they saw",
        "         6  b",
        "         2  a",
        "         2  others, for which the lines had no room",
    ]
    assert policy.main(["unknown", str(logs), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"invocations": 2, "seen": {"a": 2, "b": 6}, "others": 2}


def test_logs_without_such_lines_are_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs = tmp_path / "logs"
    logs.write_text("START\n")
    assert policy.main(["unknown", str(logs)]) == 1
    assert "no line of the functions' metrics" in capsys.readouterr().err
