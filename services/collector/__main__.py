"""Run the collector: `python -m services.collector --config FILE`."""

import argparse
import sys
from pathlib import Path

import msgspec
import uvloop

from services.collector import build_info
from services.collector.config import from_snowplow, machine
from services.collector.config.file import load
from services.collector.config.from_snowplow import Effect
from services.collector.errors import ConfigError, Failure
from services.collector.supervisor import Supervisor, TooManyRestartsError
from services.collector.telemetry import logs

_EXAMPLE = """\
config.hocon is a configuration of Snowplow's collector: HOCON without include, += and text in three quotes.

example:
  python -m services.collector --config collector.json
  python -m services.collector --check-config collector.json
  python -m services.collector --check-config --from-snowplow config.hocon
  python -m services.collector --from-snowplow config.hocon > collector.json

collector.json:
  {"collector": {
    "interface": "0.0.0.0", "port": 8080,
    "cookie": {"domains": ["example.com"], "expiration": "90 days"},
    "streams": {
      "good": {"name": "snowplow-raw-good", "region": "eu-west-1"},
      "bad": {"name": "snowplow-raw-bad", "region": "eu-west-1"}}}}

exit codes: 0 stopped by SIGTERM and everything accepted is stored, 1 cannot listen, 2 wrong arguments or configuration,
3 a worker ended while stopping and what it held in memory is lost, 4 workers die again and again
"""
_NO_FILE = Path()


def main() -> int:
    """Serve until SIGTERM; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="services.collector",
        description="Collects Snowplow tracker events over HTTP into Kinesis.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-c", "--config", type=Path, metavar="FILE", help="the configuration, a JSON file")
    parser.add_argument(
        "--check-config",
        type=Path,
        metavar="FILE",
        nargs="?",
        const=_NO_FILE,
        help="say what a configuration asks for, or what is wrong where",
    )
    parser.add_argument(
        "--from-snowplow",
        type=Path,
        metavar="FILE",
        help="print a configuration of Snowplow's collector as one of this collector; with --check-config, say every "
        "difference and which change behaviour",
    )
    parser.add_argument("--version", action="store_true", help="show the build, and the configuration that is given")
    arguments = parser.parse_args()
    try:
        if arguments.from_snowplow is not None:
            return _translate(arguments.from_snowplow, is_check=arguments.check_config is not None)
        if arguments.check_config == _NO_FILE:
            parser.error("--check-config needs a file, or --from-snowplow FILE")
        if arguments.version or arguments.check_config is not None:
            return _describe(arguments.check_config or arguments.config, with_build=arguments.version)
        if arguments.config is None:
            parser.error("the following arguments are required: --config")
        return _serve(arguments.config)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return error.exit_code


def _serve(file: Path) -> int:
    """Serve until SIGTERM; return the exit code. Raises ConfigError."""
    logs.set_up()
    config = load(file)
    machine.check(config, file)
    try:
        is_clean = uvloop.run(Supervisor(config, file).run())
    except TooManyRestartsError:
        print(Failure.WORKERS_DIE.line(), file=sys.stderr)
        return Failure.WORKERS_DIE.exit_code
    except OSError as error:
        listening = {"interface": config.interface, "port": config.port, "reason": error.strerror}
        print(Failure.CANNOT_LISTEN.line(**listening), file=sys.stderr)
        return Failure.CANNOT_LISTEN.exit_code
    return 0 if is_clean else Failure.WORKER_LOST.exit_code


def _describe(config: Path | None, *, with_build: bool) -> int:
    """Print what runs here. Raises ConfigError."""
    if with_build:
        print(build_info.build())
    if config is not None:
        print(build_info.configuration(config))
    return 0


def _translate(file: Path, *, is_check: bool) -> int:
    """Print Snowplow's configuration as ours, or all differences; return 2 when one stops the start.

    Raises ConfigError.
    """
    comparison = from_snowplow.compare(file)
    stops = [each for each in comparison.differences if each.effect is Effect.STOPS]
    if is_check:
        for effect in Effect:
            found = [each for each in comparison.differences if each.effect is effect]
            print(f"{file}: {len(found)} {effect.value}")
            for each in found:
                print(f"  {each.key}: {each.text}")
    elif not stops:
        print(msgspec.json.format(msgspec.json.encode(comparison.document)).decode())
    else:
        for each in stops:
            print(f"{file}: {each.key}: {each.text}", file=sys.stderr)
    return Failure.SETTING_WRONG.exit_code if stops else 0


if __name__ == "__main__":
    sys.exit(main())
