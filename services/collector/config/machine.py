"""What of a configuration only the machine can confirm: that the spill's directory takes files, and open files."""

import logging
import os
import resource
import tempfile
from pathlib import Path

from services.collector.config.settings import Collector, Spill
from services.collector.errors import ConfigError, Failure

_log = logging.getLogger(__name__)
_FILES_BESIDE_CONNECTIONS = 64  # to Kinesis, of the spill, of the interpreter


def check(config: Collector, file: Path) -> None:
    """Raise ConfigError unless each stream's spill can be written; nothing is left behind."""
    if config.spill is not None:
        _check_spill(config, config.spill, file)


def allow_connections(asked: int) -> int:
    """Raise this process's limit of open files to what so many connections need; return how many it then can hold.

    The usual soft limit is 1024, which is also the default of `maxConnections`: beyond it connections would neither be
    accepted nor refused with 503.
    """
    needed = asked + _FILES_BESIDE_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    possible = max(1, allowed - _FILES_BESIDE_CONNECTIONS)
    if possible < asked:
        _log.warning("%s", Failure.TOO_FEW_FILES.line(asked=asked, possible=possible))
    return possible


def _check_spill(config: Collector, spill: Spill, file: Path) -> None:
    directory = Path(spill.directory)
    for stream in (config.streams.good, config.streams.bad):
        try:
            _check_writable(directory / stream.name)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ConfigError(Failure.SPILL_UNUSABLE, file=file, directory=directory, reason=reason) from None


def _check_writable(directory: Path) -> None:
    """Raise OSError unless files can be made in the directory, or in the nearest one above that exists."""
    while not os.path.lexists(directory):
        directory = directory.parent
    with tempfile.TemporaryDirectory(dir=directory) as made, tempfile.TemporaryFile(dir=made) as probe:
        os.fsync(probe.fileno())
