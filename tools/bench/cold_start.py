"""What the function needs before its first batch, measured in its package as it is deployed: no compiled bytecode."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from scripts import package

# boto3 comes with Lambda's runtime, compiled; what is measured is the package's own files.
_PROGRAM = """
import json, sys, time
from pathlib import Path
import boto3, botocore.config, botocore.exceptions
begun = time.perf_counter()
started = time.process_time()
from lambda_src.pseudonymizer import handler
from lambda_src.pseudonymizer.policy import policy
from lambda_src.pseudonymizer.transform import bound_policy
imported = time.process_time()
loaded = policy.load(handler.POLICY)
read = time.process_time()
bound_policy.make(loaded, [bytes(32)])
made = time.process_time()
steps = {"imports": imported - started, "policy": read - imported, "plan": made - read}
print(json.dumps([steps, time.perf_counter() - begun]))
"""


def measure(runs: int = 7) -> tuple[dict[str, float], float, int]:
    """Return the CPU seconds of each step, the seconds by the clock of all, and the package's size in bytes.

    Both times are those of the fastest of `runs` new processes: what else the machine does only adds.

    Raises CalledProcessError when the package cannot be built or does not start.
    """
    with tempfile.TemporaryDirectory() as scratch:
        built = package.build(package.DEPLOYABLES[0], package.host_architecture(), Path(scratch))
        directory = Path(scratch) / "task"
        with zipfile.ZipFile(built) as archive:
            archive.extractall(directory)
        environment = {"PYTHONPATH": str(directory), "PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ["PATH"]}
        command = [sys.executable, "-c", _PROGRAM]
        results = [
            json.loads(subprocess.run(command, cwd=scratch, env=environment, check=True, stdout=subprocess.PIPE).stdout)
            for _ in range(runs)
        ]
        steps = min((each for each, _ in results), key=lambda each: sum(each.values()))
        return steps, min(wall for _, wall in results), built.stat().st_size
