"""Time and memory of the review of a whole environment's plan, made here with no account.

Example: python -m tools.bench.review --env production

The floor is `json.loads` of the same plan: what any reader of it has to do.
Exit code 0: measured. 1: failed, the last line says why.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scripts.terraform_runner.environment import ROOT, Environment, TerraformError
from scripts.terraform_runner.run import Terraform

# A process starts with the peak memory of the one it was forked from: a small one stands between this and the review.
_MEASURE = """
import json, resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""
_FLOOR = "import json, sys; json.load(open(sys.argv[1]))"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench.review",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--env", default="production", help="a directory of environments/ (default: production)")
    options = parser.parse_args(arguments)
    try:
        terraform = Terraform(Environment(options.env, offline=True))
        terraform.init()
        terraform.plan()
        began = time.monotonic()
        plan = terraform.show_plan()
        shown = time.monotonic() - began
    except TerraformError as error:
        print(error, file=sys.stderr)
        return 1
    resources = len(json.loads(plan)["resource_changes"])
    with tempfile.TemporaryDirectory() as scratch:
        # The plan's JSON holds sensitive values in clear: a directory of this user's alone, gone with this run.
        file = Path(scratch) / "plan.json"
        file.write_bytes(plan)
        code, seconds, megabytes = _measure("-m", "scripts.review", "--plan", str(file), "--base", "HEAD")
        floor_code, floor_seconds, floor_megabytes = _measure("-c", _FLOOR, str(file))
    if floor_code or code not in {0, 3, 4}:
        print(f"the review of {options.env} ended with {code}: run it by hand", file=sys.stderr)
        return 1
    print(f"plan of {options.env}: {resources} resources, {len(plan) / 1e6:.1f} MB; terraform show {shown:.1f} s")
    print(f"review   {seconds:6.2f} s of processor {megabytes:6.0f} MB")
    print(f"floor    {floor_seconds:6.2f} s of processor {floor_megabytes:6.0f} MB    json.load of the plan")
    print(f"ratio    {seconds / floor_seconds:6.1f}")
    return 0


def _measure(*command: str) -> tuple[int, float, float]:
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    code, seconds, megabytes = json.loads(done.stdout)
    return int(code), float(seconds), float(megabytes)


if __name__ == "__main__":
    sys.exit(main())
