"""What of a configuration only the machine can confirm: that the spill's directory takes files."""

import os
import tempfile
from pathlib import Path

from services.collector.config.settings import Collector
from services.collector.errors import ConfigError, Failure


def check(config: Collector, file: Path) -> None:
    """Raise ConfigError unless each stream's spill can be written; nothing is left behind."""
    if config.spill is None:
        return
    directory = Path(config.spill.directory)
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
