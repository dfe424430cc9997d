import hashlib
import io
import json
import signal
import tarfile
from pathlib import Path

import pytest
import yaml

from scripts.rehearsal.instance import Instance, UserDataError

UNIT = """[Service]
Environment="PYTHONPATH=/opt/snowveil/program:/opt/snowveil/program/site-packages"
WorkingDirectory=/opt/snowveil/program
ExecStart=/usr/bin/python3.13 -m services.program --config /etc/snowveil/program.json
"""
PROGRAM = """
import os, signal, sys
print("cwd", os.getcwd(), "region", os.environ["AWS_REGION"], open(sys.argv[2]).read(), flush=True)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
print("ready", flush=True)
signal.sigwait({signal.SIGTERM})
print("stopped in order", flush=True)
"""


def user_data(*, runcmd: list[list[str]]) -> str:
    files = [
        {"path": "/etc/snowveil/program.json", "content": '{"a": 1}'},
        {"path": "/etc/systemd/system/snowveil-program.service", "content": UNIT},
    ]
    return "#cloud-config\n" + yaml.safe_dump({"write_files": files, "runcmd": runcmd})


@pytest.fixture
def bundle(instance: Instance) -> Path:
    path = instance.directory / "tmp/program.tar.gz"
    path.parent.mkdir(parents=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, content in (("services/program/__main__.py", PROGRAM), ("services/program/__init__.py", "")):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content.encode()))
    return path


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance("program", tmp_path / "instance", {"AWS_REGION": "eu-west-1"})


def test_the_program_runs_from_its_bundle_and_stops_in_order(instance: Instance, bundle: Path) -> None:
    checksum = hashlib.sha256(bundle.read_bytes()).hexdigest()
    instance.boot(
        user_data(
            runcmd=[
                ["dnf", "install", "-y", "python3.13"],
                ["mkdir", "-p", "/opt/snowveil/program"],
                ["sh", "-c", f"echo '{checksum}  /tmp/program.tar.gz' | sha256sum -c"],
                ["tar", "-xzf", "/tmp/program.tar.gz", "-C", "/opt/snowveil/program"],
                ["systemctl", "daemon-reload"],
                ["systemctl", "enable", "--now", "snowveil-program"],
                ["systemctl", "enable", "--now", "snowveil-program-lifecycle"],
                ["dnf", "install", "-y", "amazon-cloudwatch-agent"],
                ["systemctl", "enable", "--now", "amazon-cloudwatch-agent"],
            ]
        )
    )
    try:
        assert instance.process is not None
        while "ready" not in instance.journal.read_text():
            assert instance.process.poll() is None, instance.journal.read_text()
    finally:
        assert instance.stop() == 0
    text = instance.journal.read_text()
    assert f'cwd {instance.directory}/opt/snowveil/program region eu-west-1 {{"a": 1}}' in text
    assert "stopped in order" in text


@pytest.mark.usefixtures("bundle")
def test_a_killed_program_does_not_stop_in_order(instance: Instance) -> None:
    unpack = [
        ["mkdir", "-p", "/opt/snowveil/program"],
        ["tar", "-xzf", "/tmp/program.tar.gz", "-C", "/opt/snowveil/program"],
    ]
    instance.boot(user_data(runcmd=[*unpack, ["systemctl", "enable", "--now", "snowveil-program.service"]]))
    process = instance.process
    assert process is not None
    instance.kill()
    assert process.returncode == -signal.SIGKILL
    assert "stopped in order" not in instance.journal.read_text()


def test_each_port_becomes_a_free_one_or_the_given_one(tmp_path: Path) -> None:
    instance = Instance("program", tmp_path, {}, {"a.port": 12_345})
    settings = {"a": {"port": 8080, "metrics": {"port": 9145, "rate": 0.5}}, "list": [{"port": 1}]}
    files = [
        {"path": "/etc/snowveil/program.json", "content": json.dumps(settings)},
        {"path": "/etc/snowveil/enrichments/database.json", "content": '{"port": 5432}'},
    ]
    instance.boot("#cloud-config\n" + yaml.safe_dump({"write_files": files}))
    chosen = instance.ports["a.metrics.port"]
    assert chosen != 9145
    assert json.loads((tmp_path / "etc/snowveil/program.json").read_text()) == {
        "a": {"port": 12_345, "metrics": {"port": chosen, "rate": 0.5}},
        "list": [{"port": 1}],
    }
    assert json.loads((tmp_path / "etc/snowveil/enrichments/database.json").read_text()) == {"port": 5432}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#!/bin/sh\n", "must be #cloud-config"),
        (user_data(runcmd=[["curl", "http://example.com"]]), "is not one that the stand-in can run"),
        (user_data(runcmd=[["tar", "-xzf", "/opt/missing"]]), "failed"),
    ],
)
def test_a_command_that_the_stand_in_does_not_know_fails(instance: Instance, text: str, message: str) -> None:
    with pytest.raises(UserDataError, match=message):
        instance.boot(text)
