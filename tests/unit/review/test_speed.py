"""Time and memory of the review of a plan with 200 changed resources, printed."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.terraform import ROOT
from tests.fixtures.review.plans import Plans

RESOURCES = 200


def test_two_hundred_resources_take_seconds(plans: Plans, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = copy.deepcopy(plans.changed)
    changed = [change for change in document["resource_changes"] if change["change"]["actions"] != ["no-op"]]
    document["resource_changes"] = [
        {**change, "address": f'module.copy["{number // len(changed)}"].{change["address"]}'}
        for number in range(RESOURCES)
        for change in [changed[number % len(changed)]]
    ]
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(document))
    started = subprocess.Popen(
        [sys.executable, "-m", "scripts.review", "--plan", plan, "--base", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert started.stdout is not None
    size = len(started.stdout.read())
    _, status, used = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    assert started.returncode == 4
    seconds, megabytes = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    with capsys.disabled():
        print(f"\nreview of {RESOURCES} resources: {seconds:.1f} s of processor, {megabytes:.0f} MB, {size} bytes")
    assert size < 60_000
    assert seconds < 20
    assert megabytes < 300
