"""Command line of the enricher.

Exit codes: 0 stopped by SIGTERM or SIGINT with everything in flight done; 1 AWS refused, or a bug: what was in flight
is read again at the next start; 2 the configuration or the registry is wrong.
"""

import argparse
import logging
import signal
import sys
import tempfile
from pathlib import Path
from threading import Event

from services.enricher import VERSION, config, program
from services.enricher.config import Config
from services.enricher.kinesis import daemon
from services.enricher.telemetry import monitoring

_log = logging.getLogger("services.enricher")


def main(arguments: list[str] | None = None) -> int:
    """Run until stopped; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m services.enricher",
        description="Turns the collector's payloads into enriched events and failed events.",
        epilog="example: python -m services.enricher --config /etc/snowveil/enricher.json",
    )
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="configuration, JSON")
    parser.add_argument("--check-config", action="store_true", help="read the configuration and what it names, and end")
    parser.add_argument("--version", action="version", version=VERSION)
    options = parser.parse_args(arguments)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def run() -> int:
        settings = config.load(options.config)
        if options.check_config:
            program.enricher(settings)
            print(f"{options.config}: right")
            return 0
        if settings.input.consumer == "kcl":
            return run_fleet(settings, options.config, stop)
        with monitoring.serve(settings, monitoring.registry(None)):
            program.process(settings, program.polling(settings, stop))
        _log.info("stopped")
        return 0

    return program.guarded(options.config, run)


def run_fleet(settings: Config, file: Path, stop: Event) -> int:
    """Watch over the daemon until it ends, by itself or because it is told to; return the exit code.

    Raises DaemonError, RegistryError.
    """
    program.enricher(settings)  # what is wrong is said here, not by each child of the daemon again
    with tempfile.TemporaryDirectory(prefix="enricher-") as name:
        directory = Path(name)
        process = daemon.start(settings, file, directory)

        def end(*_: object) -> None:
            stop.set()
            process.terminate()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        if stop.is_set():  # by a signal before
            process.terminate()
        with monitoring.serve(settings, monitoring.registry(directory)):
            code = process.wait()
    if stop.is_set() and code in daemon.STOPPED:
        _log.info("stopped")
        return 0
    _log.error("the Kinesis Client Library's daemon ended with exit code %d", code)
    return 1


if __name__ == "__main__":
    sys.exit(main())
