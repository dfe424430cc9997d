"""The daemon's settings, and that nothing outlives the program."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.enricher import config
from services.enricher.kinesis import daemon
from services.enricher.kinesis.daemon import DaemonError
from tests.unit.enricher.test_main import config as config_file

ROOT = Path(__file__).parents[4]


def properties(file: Path) -> dict[str, str]:
    lines = daemon.properties(config.load(file), file).splitlines()
    return dict(line.split(" = ", 1) for line in lines)


def test_the_settings_are_the_configurations(tmp_path: Path) -> None:
    file = config_file(tmp_path)
    found = properties(file)
    assert found.pop("workerIdentifier") != properties(file)["workerIdentifier"]
    assert found == {
        "executableName": f"{sys.executable} -m services.enricher.shard --config {file}",
        "streamName": "raw-good",
        "applicationName": "leases",
        "regionName": "eu-west-1",
        "AwsCredentialsProvider": "DefaultCredentialsProvider",
        "initialPositionInStream": "TRIM_HORIZON",
        "retrievalMode": "POLLING",
        "maxRecords": "10",
        "idleTimeBetweenReadsInMillis": "1000",
        "failoverTimeMillis": "10000",
        "shutdownGraceMillis": "45000",
        "clientVersionConfig": "CLIENT_VERSION_CONFIG_COMPATIBLE_WITH_2X",
        "disableWorkerMetrics": "true",
        "metricsLevel": "NONE",
    }


def test_a_path_that_the_daemon_would_cut_is_refused(tmp_path: Path) -> None:
    directory = tmp_path / "two words"
    directory.mkdir()
    with pytest.raises(DaemonError, match="space"):
        properties(config_file(directory))


def test_without_java_the_remedy_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    file = config_file(tmp_path)
    with pytest.raises(DaemonError, match="install Java 17"):
        daemon.start(config.load(file), file, tmp_path)


def test_a_shard_ends_when_nobody_reads_its_answers(tmp_path: Path) -> None:
    """Its input stays open, as in the middle of an outage of an output."""
    requests, unread = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "services.enricher.shard", "--config", str(config_file(tmp_path))],
        cwd=ROOT,
        env={"PATH": "", "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
        stdin=requests,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        os.write(unread, b'{"action": "initialize", "shardId": "s-0"}\n')
        assert process.stdout is not None
        assert process.stdout.readline() == b'{"action":"status","responseFor":"initialize"}\n'
        process.send_signal(signal.SIGTERM)  # systemd's to the whole group: not a shard's to follow
        os.write(unread, b'{"action": "shutdownRequested"}\n')
        assert process.stdout.readline() == b'{"action":"status","responseFor":"shutdownRequested"}\n'
        process.stdout.close()
        assert process.wait(120) == 1
    finally:
        process.kill()
        process.wait()
        os.close(requests)
        os.close(unread)
