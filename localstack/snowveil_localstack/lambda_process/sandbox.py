"""One execution environment: the function's process, started when needed and replaced after a time-out or a crash."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped] # no stubs in LocalStack's environment

from snowveil_localstack.lambda_process.runtime_api import Invocation, RuntimeApi, error_body

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

# AWS allows the function's code this long to load.
INIT_SECONDS = 10.0
_WATCH_SECONDS = 0.05


@dataclass(frozen=True)
class Function:
    """What the sandbox needs to know of a function's version. `timeout` in seconds, `memory` in MB."""

    handler: str
    version: str
    task_root: Path
    timeout: int
    memory: int
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """Result of one invocation: the JSON for the caller, whether it is an error, and the log text."""

    payload: bytes
    is_error: bool
    log: str


class _FunctionEndedError(Exception):
    """The process timed out, crashed or did not start; `body` is for the caller, `log_line` is AWS's own log line."""

    def __init__(self, body: bytes, log_line: str = "") -> None:
        super().__init__(body.decode())
        self.body = body
        self.log_line = log_line


class Sandbox:
    """Runs one invocation at a time. `directory` is its own: it holds the log and the function's temporary files."""

    def __init__(self, function: Function, directory: Path, runtime_packages: Path) -> None:
        self._function = function
        self._directory = directory
        self._temporary = directory / "tmp"
        self._temporary.mkdir(parents=True)
        self._runtime_packages = runtime_packages
        self._log_path = directory / "log"
        self._log_path.touch()
        self._log_position = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._api: RuntimeApi | None = None
        self._peak_bytes = 0

    def invoke(self, request_id: str, function_arn: str, trace_id: str, payload: bytes) -> Outcome:
        """Run the function once. Errors of the function are in the outcome, never raised."""
        log_line = ""
        init_ms = 0.0
        started = time.monotonic()
        try:
            if self._process is None or self._process.poll() is not None:
                self._start(request_id)
                init_ms = (time.monotonic() - started) * 1000
                started = time.monotonic()
            invocation = self._run(request_id, function_arn, trace_id, payload)
            result, is_error = invocation.result, invocation.is_error
        except _FunctionEndedError as error:
            self._end_process()
            result, is_error, log_line = error.body, True, error.log_line
        duration_ms = (time.monotonic() - started) * 1000
        log = self._log(request_id, log_line, duration_ms, init_ms)
        return Outcome(result, is_error, log)

    def close(self) -> None:
        """End the process and remove everything it left."""
        self._end_process()
        shutil.rmtree(self._directory, ignore_errors=True)

    def read_log(self) -> str:
        """All that the function's processes wrote."""
        return self._log_path.read_text(errors="replace") if self._log_path.exists() else ""

    def _start(self, request_id: str) -> None:
        self._end_process()
        api = self._api = RuntimeApi()
        bootstrap = Path(__file__).with_name("bootstrap.py")
        with self._log_path.open("ab") as log:
            process = self._process = subprocess.Popen(
                [sys.executable, "-S", "-P", bootstrap, self._runtime_packages, self._function.handler],
                cwd=self._function.task_root,
                env={**self._function.environment, **self._own_environment(api)},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                process_group=0,
            )
        limit = max(INIT_SECONDS, self._function.timeout)
        self._watch(api.ready, process, request_id, limit)
        if api.init_error is not None:
            # The process ends by itself; what it writes until then belongs to the log.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1)
            raise _FunctionEndedError(api.init_error, "INIT_REPORT Phase: init\tStatus: error")

    def _run(self, request_id: str, function_arn: str, trace_id: str, payload: bytes) -> Invocation:
        if self._api is None or self._process is None:
            raise RuntimeError("the process was not started")
        deadline_ms = int((time.time() + self._function.timeout) * 1000)
        invocation = Invocation(request_id, function_arn, trace_id, payload, deadline_ms)
        self._api.submit(invocation)
        self._watch(invocation.done, self._process, request_id, self._function.timeout)
        return invocation

    def _watch(self, done: threading.Event, process: subprocess.Popen[bytes], request_id: str, limit: float) -> None:
        deadline = time.monotonic() + limit
        while not done.wait(_WATCH_SECONDS):
            self._check_memory(process)
            code = process.poll()
            if code is not None and not done.is_set():
                how = f"exit status {code}" if code >= 0 else f"signal: {_signal_name(-code)}"
                message = f"RequestId: {request_id} Error: Runtime exited with error: {how}"
                raise _FunctionEndedError(error_body("Runtime.ExitError", message), message)
            if time.monotonic() > deadline:
                text = f"Task timed out after {limit:.2f} seconds"
                now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
                body = error_body("Sandbox.Timedout", f"RequestId: {request_id} Error: {text}")
                raise _FunctionEndedError(body, f"{now} {request_id} {text}")

    def _check_memory(self, process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            used: int = psutil.Process(process.pid).memory_info().rss
            self._peak_bytes = max(self._peak_bytes, used)
            if used > self._function.memory * 1024 * 1024:
                process.kill()

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdin is not None:
                process.stdin.close()
        if self._api is not None:
            self._api.close()
            self._api = None

    def _own_environment(self, api: RuntimeApi) -> dict[str, str]:
        return {
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "AWS_LAMBDA_RUNTIME_API": api.address,
            "HOME": str(self._temporary),
            "LAMBDA_TASK_ROOT": str(self._function.task_root),
            "LANG": "en_US.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "TMPDIR": str(self._temporary),
        }

    def _log(self, request_id: str, own_line: str, duration_ms: float, init_ms: float) -> str:
        report = (
            f"REPORT RequestId: {request_id}\tDuration: {duration_ms:.2f} ms\t"
            f"Billed Duration: {int(duration_ms) + 1} ms\t"
            f"Memory Size: {self._function.memory} MB\tMax Memory Used: {self._peak_bytes // (1024 * 1024)} MB\t"
        )
        if init_ms:
            report += f"Init Duration: {init_ms:.2f} ms\t"
        lines = [
            f"START RequestId: {request_id} Version: {self._function.version}",
            self._take_log().rstrip("\n"),
            own_line,
            f"END RequestId: {request_id}",
            report,
        ]
        return "\n".join(line for line in lines if line) + "\n"

    def _take_log(self) -> str:
        with self._log_path.open("rb") as log:
            log.seek(self._log_position)
            text = log.read()
        self._log_position += len(text)
        return text.decode("utf-8", "replace")


def _signal_name(number: int) -> str:
    # AWS writes the signal as Go does.
    return {signal.SIGKILL: "killed", signal.SIGSEGV: "segmentation fault", signal.SIGABRT: "aborted"}.get(
        signal.Signals(number), signal.Signals(number).name.removeprefix("SIG").lower()
    )
