"""The Kinesis Client Library's daemon as a child process: its settings, its command line, its life.

It holds the leases and reads the shards; for each shard that it holds it starts `python -m services.enricher.shard`.
"""

import ctypes
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import uuid
from pathlib import Path

from services.enricher.config import Config

# systemd kills after drain_seconds of modules/instance-group, 60: the daemon must have given up before.
_GRACE_MILLISECONDS = 45_000
# Its share of a machine of 2 GB with four shards: what it has read ahead is three batches a shard.
_HEAP = "384m"
_PR_SET_PDEATHSIG = 1
# A JVM ends so after SIGTERM, when its shutdown is done or before it has begun to run.
STOPPED = {128 + signal.SIGTERM, -signal.SIGTERM}

# The daemon's own log quotes lines of its children, which reach standard error anyway.
_LOGBACK = """<configuration>
  <appender name="STDERR" class="ch.qos.logback.core.ConsoleAppender">
    <target>System.err</target>
    <encoder><pattern>%d %p %logger{0} %m %replace(%ex{short}){'\\s+', ' '}%nopex%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="STDERR"/></root>
  <logger name="software.amazon.kinesis.multilang.DrainChildSTDERRTask" level="OFF"/>
  <logger name="software.amazon.kinesis.multilang.GetNextMessageTask" level="OFF"/>
</configuration>
"""


class DaemonError(Exception):
    """The daemon cannot be started: one line with the remedy."""


def properties(settings: Config, config_file: Path) -> str:
    """Return the daemon's settings, in its own names (multilang configuration of KCL 3.1). Raises DaemonError."""
    executable = f"{sys.executable} -m services.enricher.shard --config {config_file.resolve()}"
    if executable.count(" ") != 4:
        raise DaemonError(f"{config_file}: the daemon cannot pass on a path with a space in it; move the file")
    source = settings.input
    lines = {
        "executableName": executable,
        "streamName": source.stream_name,
        "applicationName": source.app_name,
        "regionName": source.region,
        "workerIdentifier": f"{socket.gethostname()}:{uuid.uuid4()}",
        "AwsCredentialsProvider": "DefaultCredentialsProvider",
        "initialPositionInStream": source.initial_position.type,
        "retrievalMode": "POLLING",
        "maxRecords": source.retrieval_mode.max_records,
        "idleTimeBetweenReadsInMillis": int(source.retrieval_mode.idle_seconds * 1000),
        "failoverTimeMillis": int(source.lease_seconds * 1000),
        "shutdownGraceMillis": _GRACE_MILLISECONDS,
        # docs/adr/0022-fleet.md: in its 3x mode the loss of the leading worker stops the fleet for two minutes.
        "clientVersionConfig": "CLIENT_VERSION_CONFIG_COMPATIBLE_WITH_2X",
        "disableWorkerMetrics": "true",  # only its 3x mode assigns shards by them
        "metricsLevel": "NONE",
    }
    return "".join(f"{key} = {value}\n" for key, value in lines.items())


def start(settings: Config, config_file: Path, directory: Path) -> subprocess.Popen[bytes]:
    """Start the daemon; its files are written to `directory`. Raises DaemonError."""
    package = importlib.util.find_spec("amazon_kclpy")
    if package is None or package.origin is None:
        raise DaemonError("the Kinesis Client Library is missing: install requirements/enricher.txt")
    (directory / "kcl.properties").write_text(properties(settings, config_file))
    (directory / "logback.xml").write_text(_LOGBACK)
    command = ["java", f"-Xmx{_HEAP}", "-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData"]
    command += ["-cp", f"{Path(package.origin).parent}/jars/*", "software.amazon.kinesis.multilang.MultiLangDaemon"]
    command += ["--log-configuration", str(directory / "logback.xml"), str(directory / "kcl.properties")]
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(directory)},  # for its children, read by their client
            preexec_fn=_die_with_parent,  # no other thread runs yet
        )
    except FileNotFoundError:
        raise DaemonError("java is missing: install Java 17 (java-17-amazon-corretto-headless)") from None


def _die_with_parent() -> None:
    """Let no daemon outlive a killed program: it would hold leases that nobody watches."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
