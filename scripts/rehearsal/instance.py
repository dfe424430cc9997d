"""A stand-in for EC2: does on this machine what an applied launch template's user data does on an instance.

Files and commands are those of the user data. Absolute paths are moved below the instance's directory, and each port
that the program listens on becomes a free one, since several instances share this machine. Commands that only a whole
machine can carry out (packages, users, owners) are left out, by name. Any other command fails here, so that no change
of the user data goes untested.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from scripts.rehearsal.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_ec2 import EC2Client

ROOT = Path(__file__).parent.parent.parent
_ABSOLUTE = re.compile(r"(?<![\w./-])/(?=(?:etc|opt|var|tmp|run)/)")
_NEEDS_A_MACHINE = frozenset({"dnf", "useradd", "chown"})
_AGENTS = re.compile(r"amazon-cloudwatch-agent|snowveil-[a-z_]+-lifecycle")  # units beside the program's
_REAL = frozenset({"sha256sum", "tar", "mkdir", "rm", "sh"})
_STOP_SECONDS = 90  # systemd's TimeoutStopSec


class UserDataError(Exception):
    """The user data has something that an instance, or this stand-in, cannot do; the text is one line."""


@dataclass(slots=True)
class Unit:
    """The parts of a systemd service that matter here: the command, its directory and its environment."""

    command: list[str]
    directory: Path
    environment: dict[str, str]


@dataclass(slots=True)
class Instance:
    """One instance of the program `name`.

    `ambient` are the environment variables that stand for what surrounds a machine of AWS: credentials, region, the
    API's address. `ports` are by the setting's place in the configuration, such as `collector.metrics.port`: one that
    is given is used, and one that is not is chosen at boot.
    """

    name: str
    directory: Path
    ambient: Mapping[str, str]
    ports: dict[str, int] = field(default_factory=dict)
    unit: Unit | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def journal(self) -> Path:
        """The program's standard output and error."""
        return self.directory / "journal.log"

    def boot(self, user_data: str) -> None:
        """Write the files and run the commands of a `#cloud-config`. Raises UserDataError or CalledProcessError."""
        if not user_data.startswith("#cloud-config\n"):
            raise UserDataError(f"{self.name}: the user data must be #cloud-config")
        (self.directory / "tmp").mkdir(parents=True, exist_ok=True)
        config = yaml.safe_load(user_data)
        for entry in config.get("write_files", []):
            self._write(entry)
        for command in config.get("runcmd", []):
            self._run([self._moved(str(part)) for part in command])

    def start(self) -> None:
        """Start the program as `systemctl start` does."""
        if self.unit is None:
            raise UserDataError(f"{self.name}: no runcmd enables a unit")
        with self.journal.open("ab") as journal:
            self.process = subprocess.Popen(
                self.unit.command,
                cwd=self.unit.directory,
                env={**self.ambient, **self.unit.environment, "PATH": os.defpath, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=journal,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self) -> int | None:
        """Stop the program as systemd does; return its exit code, None when none ran."""
        if self.process is None:
            return None
        process, self.process = self.process, None
        process.terminate()
        try:
            return process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def kill(self) -> None:
        """End the program with SIGKILL, as the loss of a machine does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _moved(self, text: str) -> str:
        return _ABSOLUTE.sub(f"{self.directory}/", text)

    def _write(self, entry: dict[str, str]) -> None:
        content = entry["content"].encode()
        encoding = entry.get("encoding", "text/plain")
        if encoding in ("b64", "base64"):
            content = base64.b64decode(content)
        elif encoding != "text/plain":
            raise UserDataError(f"{self.name}: write_files {entry['path']}: encoding {encoding} is not supported here")
        if entry["path"].startswith("/etc/snowveil/"):
            content = self._moved(content.decode()).encode()  # a config names directories of the machine
        if entry["path"] == f"/etc/snowveil/{self.name}.json":
            content = json.dumps(self._with_free_ports(json.loads(content))).encode()
        path = Path(self._moved(entry["path"]))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def _with_free_ports(self, settings: Any, place: str = "") -> Any:
        """Return the program's settings with each `port` replaced by one of `self.ports`."""
        if not isinstance(settings, dict):
            return settings
        replaced = {}
        for name, value in settings.items():
            here = f"{place}.{name}" if place else name
            if name == "port":
                if here not in self.ports:
                    self.ports[here] = free_port()
                replaced[name] = self.ports[here]
            else:
                replaced[name] = self._with_free_ports(value, here)
        return replaced

    def _run(self, command: list[str]) -> None:
        match command:
            case ["systemctl", "daemon-reload"]:
                return
            case ["systemctl", "enable", "--now", name] if _AGENTS.fullmatch(name):
                return
            case ["systemctl", "enable", "--now", name]:
                file = f"{name.removesuffix('.service')}.service"
                self.unit = self._read_unit(self.directory / "etc/systemd/system" / file)
                self.start()
                return
            case [program, *_] if program in _NEEDS_A_MACHINE:
                return
            case ["aws", *arguments]:
                command = [str(ROOT / ".venv-localstack/bin/python"), "-m", "awscli", *arguments]
            case [program, *_] if program in _REAL:
                pass
            case _:
                raise UserDataError(f"{self.name}: runcmd `{shlex.join(command)}` is not one that the stand-in can run")
        environment = {**self.ambient, "PATH": os.environ["PATH"], "HOME": str(self.directory)}
        done = subprocess.run(command, env=environment, cwd=self.directory, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UserDataError(f"{self.name}: runcmd `{shlex.join(command)}` failed: {done.stderr.strip()[-300:]}")

    def _read_unit(self, path: Path) -> Unit:
        unit = Unit([], self.directory, {})
        for line in path.read_text().splitlines():
            key, _, value = line.partition("=")
            if key == "ExecStart":
                program, *arguments = shlex.split(self._moved(value))
                # The bundle brings every dependency: the plain interpreter runs it, not this repository's environment.
                python = Path(sys.base_prefix) / "bin/python3.13"
                unit.command = [str(python) if program == "/usr/bin/python3.13" else program, *arguments]
            elif key == "StateDirectory":
                (self.directory / "var/lib" / value).mkdir(parents=True, exist_ok=True)
            elif key == "WorkingDirectory":
                unit.directory = Path(self._moved(value))
            elif key == "Environment":
                for assignment in shlex.split(value):
                    name, _, setting = assignment.partition("=")
                    unit.environment[name] = self._moved_list(setting)
        if not unit.command:
            raise UserDataError(f"{self.name}: {path.name} has no ExecStart")
        return unit

    def _moved_list(self, value: str) -> str:
        # Only the first path of a list stands where _ABSOLUTE looks for one.
        return ":".join(self._moved(part) for part in value.split(":"))


def applied_user_data(ec2: EC2Client, launch_template_id: str) -> str:
    """Return the user data that the next instance of the launch template would get."""
    versions = ec2.describe_launch_template_versions(LaunchTemplateId=launch_template_id, Versions=["$Latest"])
    encoded = versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]["UserData"]
    return gzip.decompress(base64.b64decode(encoded)).decode()
