"""Command line of the enricher; what can end it is listed in services/enricher/errors.py."""

import argparse
import logging
import signal
import sys
import tempfile
from pathlib import Path
from threading import Event

import msgspec

from services.enricher import VERSION, config, from_snowplow, program
from services.enricher.config import Config
from services.enricher.errors import Failure
from services.enricher.from_snowplow import Effect
from services.enricher.kinesis import daemon
from services.enricher.telemetry import monitoring

_log = logging.getLogger("services.enricher")


_EXAMPLE = """\
config.hocon is a configuration of Snowplow's Enrich: HOCON without include, += and text in three quotes.

example: python -m services.enricher --config /etc/snowveil/enricher.json
  python -m services.enricher --config enricher.json --check-config
  python -m services.enricher --check-config --from-snowplow config.hocon --enrichments enrichments/
  python -m services.enricher --from-snowplow config.hocon > enricher.json

exit codes: 0 stopped by SIGTERM or SIGINT with everything in flight done, 1 AWS refused or a bug: what was in flight is
read again at the next start, 2 wrong arguments, configuration or registry
"""


def main(arguments: list[str] | None = None) -> int:
    """Run until stopped; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m services.enricher",
        description="Turns the collector's payloads into enriched events and failed events.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration, JSON")
    parser.add_argument(
        "--check-config", action="store_true", help="say all that is wrong with a configuration, and end"
    )
    parser.add_argument(
        "--from-snowplow",
        type=Path,
        metavar="FILE",
        help="print a configuration of Snowplow's Enrich as one of this enricher; with --check-config, say every "
        "difference and which change behaviour",
    )
    parser.add_argument(
        "--enrichments", type=Path, metavar="DIR", help="with --from-snowplow: the directory of Enrich's enrichments"
    )
    parser.add_argument("--version", action="version", version=VERSION)
    options = parser.parse_args(arguments)
    if options.from_snowplow is not None:
        return program.guarded(options.from_snowplow, lambda: _translate(options))
    if options.config is None:
        parser.error("the following arguments are required: --config")
    if options.check_config:
        return program.guarded(options.config, lambda: _check(options.config))
    return program.guarded(options.config, lambda: _run(options.config))


def _run(file: Path) -> int:
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings = config.load(file)
    if settings.input.consumer == "kcl":
        return run_fleet(settings, file, stop)
    with monitoring.serve(settings, monitoring.registry(None)):
        program.process(settings, program.polling(settings, stop))
    _log.info("stopped")
    return 0


def _check(file: Path) -> int:
    """Say whether the configuration and all that it names can be used."""
    settings = config.load(file)
    if defects := program.defects(settings):
        for line in defects:
            print(f"enricher: {line}", file=sys.stderr)
        return Failure.CONFIGURATION.exit_code
    program.enricher(settings)
    print(f"{file}: right")
    return 0


def _translate(options: argparse.Namespace) -> int:
    """Print Snowplow's configuration as ours, or all differences; return 2 when one stops the start."""
    file: Path = options.from_snowplow
    comparison = from_snowplow.compare(file)
    differences = comparison.differences
    if options.enrichments is not None:
        comparison.document["enrichments"] = str(options.enrichments)
        differences = [*from_snowplow.of_enrichments(options.enrichments), *differences]
    stops = [each for each in differences if each.effect is Effect.STOPS]
    if options.check_config:
        for effect in Effect:
            found = [each for each in differences if each.effect is effect]
            print(f"{file}: {len(found)} {effect.value}")
            for each in found:
                print(f"  {each.key}: {each.text}")
    elif not stops:
        print(msgspec.json.format(msgspec.json.encode(comparison.document)).decode())
    else:
        for each in stops:
            print(f"{file}: {each.key}: {each.text}", file=sys.stderr)
    return Failure.CONFIGURATION.exit_code if stops else 0


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
    _log.error("%s", Failure.DAEMON_ENDED.line(code=code))
    return Failure.DAEMON_ENDED.exit_code


if __name__ == "__main__":
    sys.exit(main())
