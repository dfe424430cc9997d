"""Time and memory of the review of a plan with 200 changed resources, printed."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.terraform import ROOT
from tests.fixtures.review.plans import Plans

RESOURCES = 200

# A process begins with the peak memory of the one it was forked from: a small one stands between pytest and the review.
MEASURE = """
import json, resource, subprocess, sys
code = subprocess.run(sys.argv[1:], check=False).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]), file=sys.stderr)
"""


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
    command = [sys.executable, "-m", "scripts.review", "--plan", str(plan), "--base", "HEAD"]
    done = subprocess.run([sys.executable, "-c", MEASURE, *command], cwd=ROOT, capture_output=True, check=True)
    code, seconds, megabytes = json.loads(done.stderr.splitlines()[-1])
    size = len(done.stdout)
    assert code == 4
    with capsys.disabled():
        print(f"\nreview of {RESOURCES} resources: {seconds:.1f} s of processor, {megabytes:.0f} MB, {size} bytes")
    assert size < 60_000
    assert seconds < 20
    assert megabytes < 300
