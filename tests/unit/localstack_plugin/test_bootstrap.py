from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import snowveil_localstack

BOOTSTRAP = Path(snowveil_localstack.__file__).parent / "lambda_process" / "bootstrap.py"


def start(directory: Path, runtime_client: str) -> subprocess.Popen[bytes]:
    """Start the bootstrap with this code in place of AWS's runtime client."""
    package = directory / "runtime" / "awslambdaric"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(runtime_client)
    task_root = directory / "task"
    task_root.mkdir()
    return subprocess.Popen(
        [sys.executable, "-S", "-P", BOOTSTRAP, directory / "runtime", "module.handle"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=task_root,
        env={**os.environ, "LAMBDA_TASK_ROOT": str(task_root)},
    )


def test_the_function_ends_when_localstack_is_gone_whatever_it_is_doing(tmp_path: Path) -> None:
    process = start(tmp_path, "def main(arguments):\n    print('started', flush=True)\n    while True: pass\n")
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == b"started\n"
    assert process.poll() is None
    process.stdin.close()
    assert process.wait(60) == 1
    process.stdout.close()


def test_the_functions_code_comes_first_and_the_runtimes_packages_last(tmp_path: Path) -> None:
    process = start(tmp_path, "import sys\ndef main(arguments):\n    print([arguments, sys.path[0], sys.path[-1]])\n")
    assert process.stdout is not None
    output = process.stdout.read()
    process.communicate(timeout=60)
    expected = [["bootstrap", "module.handle"], str(tmp_path / "task"), str(tmp_path / "runtime")]
    assert output.decode().strip() == str(expected)
