"""Start and stop LocalStack with Snowveil's plugin on this machine: the demo and the tests use it alike.

In a program: `with LocalStack(state_dir) as stack:`, then `stack.endpoint`. From a shell, for one that keeps running:

    python -m scripts.localstack start [--port 4566]
    python -m scripts.localstack status
    python -m scripts.localstack stop

Exit code 0: done (status: it runs). 1: it failed or does not run; one line says why. 2: wrong arguments.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scripts.rehearsal.ports import PortTakenError, check_is_free, free_port, port_number

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent
STATE_DIR = ROOT / ".snowveil" / "localstack"
START_SECONDS = 120.0
STOP_SECONDS = 15.0
POLL_SECONDS = 0.1
# The services of localstack/README.md, whose provider is named `snowveil`.
SERVICES = ["APPLICATION_AUTOSCALING", "AUTOSCALING", "CLOUDWATCH", "DYNAMODB", "EC2", "ELBV2"]
SERVICES += ["FIREHOSE", "KINESIS", "LAMBDA", "WAFV2"]


class LocalStackError(Exception):
    """LocalStack is not installed, did not start, or already runs; the text is one line with the remedy."""


class LocalStack:
    """One LocalStack process.

    `state_dir` holds everything that it writes and is emptied at the start. `port` 0 means any free port. `settings`
    are further environment variables of the process, such as SNOWVEIL_FIREHOSE_MAX_BUFFER_SECONDS.
    """

    def __init__(self, state_dir: Path = STATE_DIR, port: int = 0, settings: Mapping[str, str] | None = None) -> None:
        self.state_dir = state_dir.resolve()
        self.port = port
        self.settings = dict(settings or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """The one URL of every service, for AWS_ENDPOINT_URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log_path(self) -> Path:
        """Everything LocalStack and the plugin log."""
        return self.state_dir / "localstack.log"

    def check_can_start(self) -> None:
        """Raise LocalStackError or PortTakenError when `start` would."""
        if not _python().exists():
            raise LocalStackError(f"{_python().relative_to(ROOT)} is missing: run `make install`")
        if (running := read_pid_file(self.state_dir)) is not None:
            raise LocalStackError(f"LocalStack already runs as process {running[0]}: run `make down`")
        if self.port:
            check_is_free(self.port)

    def start(self) -> None:
        """Start the process and wait until it answers.

        Raises LocalStackError or PortTakenError; nothing is left running then.
        """
        self.check_can_start()
        self._empty_state_dir()
        self.port = self.port or free_port()
        with self.log_path.open("wb") as log, _pid_file(self.state_dir).open("w") as pid_file:
            fcntl.flock(pid_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # A session of its own: a terminal's Ctrl-C reaches the parent alone, which stops LocalStack in order.
            self._process = subprocess.Popen(
                [_python(), "-m", "localstack.runtime.main"],
                cwd=self.state_dir,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[pid_file.fileno()],
            )
            json.dump({"pid": self._process.pid, "port": self.port}, pid_file)
        try:
            self._wait_until_healthy(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the process and all it started; does nothing when none runs."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        self._process = None
        _pid_file(self.state_dir).unlink(missing_ok=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def _empty_state_dir(self) -> None:
        shutil.rmtree(self.state_dir, ignore_errors=True)
        for name in ("files", "tmp"):
            (self.state_dir / name).mkdir(parents=True)

    def _environment(self) -> dict[str, str]:
        # A profile or an endpoint of the user's shell would send LocalStack's own clients elsewhere.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return (
            inherited
            | {f"PROVIDER_OVERRIDE_{service}": "snowveil" for service in SERVICES}
            | {
                "DISABLE_EVENTS": "1",
                "DNS_ADDRESS": "0",
                "FILESYSTEM_ROOT": str(self.state_dir / "files"),
                "GATEWAY_LISTEN": f"127.0.0.1:{self.port}",
                "LAMBDA_RUNTIME_EXECUTOR": "process",
                "LOCALSTACK_HOST": f"localhost:{self.port}",
                # Inside a container LocalStack would ignore FILESYSTEM_ROOT.
                "OVERRIDE_IN_DOCKER": "0",
                "SKIP_SSL_CERT_DOWNLOAD": "1",
                "TMPDIR": str(self.state_dir / "tmp"),
            }
            | self.settings
        )

    def _wait_until_healthy(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not is_healthy(self.endpoint):
            try:
                code = process.wait(POLL_SECONDS)
            except subprocess.TimeoutExpired:
                if time.monotonic() > deadline:
                    raise LocalStackError(
                        f"LocalStack gave no answer in {START_SECONDS:.0f} s: see {self.log_path}"
                    ) from None
            else:
                raise LocalStackError(f"LocalStack ended at once with exit code {code}: see {self.log_path}")


def is_healthy(endpoint: str) -> bool:
    """Return whether a LocalStack answers at this URL."""
    try:
        with urllib.request.urlopen(f"{endpoint}/_localstack/health", timeout=5) as response:  # noqa: S310 - our own URL
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def read_pid_file(state_dir: Path) -> tuple[int, int] | None:
    """Return process id and port of the LocalStack that runs from this directory, None when none does."""
    try:
        with _pid_file(state_dir).open() as file:
            # LocalStack holds the lock as long as it lives, so a stale file or a reused pid is never taken for it.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        content = json.loads(_pid_file(state_dir).read_text())
        return content["pid"], content["port"]
    return None


def stop_running(state_dir: Path) -> bool:
    """Stop a LocalStack that another process started from this directory; return whether one ran."""
    running = read_pid_file(state_dir)
    if running is None:
        return False
    pid = running[0]
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while read_pid_file(state_dir) is not None:
        if time.monotonic() > deadline:
            os.killpg(pid, signal.SIGKILL)
        time.sleep(POLL_SECONDS)
    _pid_file(state_dir).unlink(missing_ok=True)
    return True


def _python() -> Path:
    return ROOT / ".venv-localstack" / "bin" / "python"


def _pid_file(state_dir: Path) -> Path:
    return state_dir / "localstack.json"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.localstack",
        description="Start, stop or look at this repository's LocalStack.",
        epilog="Example: python -m scripts.localstack start --port 4566",
    )
    parser.add_argument("command", choices=["start", "stop", "status"])
    parser.add_argument("--port", type=port_number, default=0, help="port to listen on (default: any free one)")
    options = parser.parse_args(arguments)
    if options.command == "start":
        stack = LocalStack(STATE_DIR, options.port)
        try:
            stack.start()
        except (LocalStackError, PortTakenError) as error:
            print(error, file=sys.stderr)
            return 1
        print(f"LocalStack answers at {stack.endpoint} (log: {stack.log_path.relative_to(ROOT)})")
        return 0
    if options.command == "stop":
        print("stopped" if stop_running(STATE_DIR) else "LocalStack was not running")
        return 0
    running = read_pid_file(STATE_DIR)
    print(
        f"LocalStack runs at http://127.0.0.1:{running[1]}, process {running[0]}"
        if running
        else "LocalStack does not run"
    )
    return 0 if running else 1


if __name__ == "__main__":
    sys.exit(main())
