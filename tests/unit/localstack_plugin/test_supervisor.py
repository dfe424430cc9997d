from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from scripts import localstack
from scripts.rehearsal.ports import PortTakenError

if TYPE_CHECKING:
    from pathlib import Path


def use_program(root: Path, code: str) -> None:
    """Put this Python code where LocalStack's environment has its interpreter."""
    python = root / ".venv-localstack" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!{sys.executable}\n{code}\n")
    python.chmod(0o755)


SERVER = """
import json, os, signal, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
if os.environ.get("STUBBORN"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
HTTPServer(("127.0.0.1", int(os.environ["GATEWAY_LISTEN"].split(":")[1])), Handler).serve_forever()
"""


def test_a_missing_environment_is_reported_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(localstack, "ROOT", tmp_path)
    with pytest.raises(localstack.LocalStackError, match="run `make install`"):
        localstack.LocalStack(tmp_path / "state").start()


def test_a_start_that_fails_names_the_log_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(localstack, "ROOT", tmp_path)
    use_program(tmp_path, "print('the reason'); raise SystemExit(7)")
    stack = localstack.LocalStack(tmp_path / "state")
    with pytest.raises(localstack.LocalStackError, match="exit code 7"):
        stack.start()
    assert "the reason" in stack.log_path.read_text()
    assert localstack.read_pid_file(stack.state_dir) is None


def test_one_directory_runs_one_localstack_until_it_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(localstack, "ROOT", tmp_path)
    use_program(tmp_path, SERVER)
    state_dir = tmp_path / "state"
    with localstack.LocalStack(state_dir) as stack:
        assert localstack.is_healthy(stack.endpoint)
        running = localstack.read_pid_file(state_dir)
        assert running is not None
        assert running[1] == stack.port
        with pytest.raises(localstack.LocalStackError, match="already runs"):
            localstack.LocalStack(state_dir).start()
    assert not localstack.is_healthy(stack.endpoint)
    assert localstack.read_pid_file(state_dir) is None
    with localstack.LocalStack(state_dir):
        assert localstack.read_pid_file(state_dir) not in (None, running)


def test_a_port_that_is_taken_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(localstack, "ROOT", tmp_path)
    use_program(tmp_path, SERVER)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port} is taken"):
            localstack.LocalStack(tmp_path / "state", port).start()
    assert not (tmp_path / "state").exists()


def test_one_that_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(localstack, "ROOT", tmp_path)
    monkeypatch.setattr(localstack, "STOP_SECONDS", 0.3)
    use_program(tmp_path, SERVER)
    with localstack.LocalStack(tmp_path / "state", settings={"STUBBORN": "1"}) as stack:
        assert localstack.is_healthy(stack.endpoint)
    assert not localstack.is_healthy(stack.endpoint)


def test_another_process_can_stop_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(localstack, "ROOT", tmp_path)
    use_program(tmp_path, SERVER)
    state_dir = tmp_path / "state"
    assert not localstack.stop_running(state_dir)
    starter = f"from pathlib import Path; from scripts import localstack; localstack.ROOT = Path({str(tmp_path)!r}); "
    starter += f"localstack.LocalStack(Path({str(state_dir)!r})).start()"
    subprocess.run([sys.executable, "-c", starter], check=True)
    assert localstack.read_pid_file(state_dir) is not None
    assert localstack.stop_running(state_dir)
    assert localstack.read_pid_file(state_dir) is None


def test_a_stale_file_with_the_pid_of_another_program_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "localstack.json").write_text(json.dumps({"pid": os.getpid(), "port": 1}))
    assert localstack.read_pid_file(tmp_path) is None
    assert not localstack.stop_running(tmp_path)


def test_aws_settings_of_the_shell_are_not_inherited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(localstack, "ROOT", tmp_path)
    monkeypatch.setenv("AWS_PROFILE", "production")
    use_program(tmp_path, "import json, os; print(json.dumps(dict(os.environ))); raise SystemExit(1)")
    stack = localstack.LocalStack(tmp_path / "state", settings={"SNOWVEIL_FIREHOSE_MAX_BUFFER_SECONDS": "2"})
    with pytest.raises(localstack.LocalStackError):
        stack.start()
    environment = json.loads(stack.log_path.read_text())
    assert "AWS_PROFILE" not in environment
    assert environment["PROVIDER_OVERRIDE_FIREHOSE"] == "snowveil"
    assert environment["SNOWVEIL_FIREHOSE_MAX_BUFFER_SECONDS"] == "2"
