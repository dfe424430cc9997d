"""Run the collector: `python -m services.collector --config FILE`."""

import argparse
import sys
from pathlib import Path

import uvloop

from services.collector import build_info
from services.collector.config.file import ConfigError, load
from services.collector.supervisor import Supervisor, TooManyRestartsError
from services.collector.telemetry import logs

_EXAMPLE = """\
example:
  python -m services.collector --config collector.json
  python -m services.collector --check-config collector.json

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
        "--check-config", type=Path, metavar="FILE", help="say what a configuration asks for, or what is wrong where"
    )
    parser.add_argument("--version", action="store_true", help="show the build, and the configuration that is given")
    arguments = parser.parse_args()
    if arguments.version or arguments.check_config is not None:
        return _describe(arguments.check_config or arguments.config, with_build=arguments.version)
    if arguments.config is None:
        parser.error("the following arguments are required: --config")
    logs.set_up()
    try:
        config = load(arguments.config)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        is_clean = uvloop.run(Supervisor(config, arguments.config).run())
    except TooManyRestartsError:
        print("workers died again and again: the log says where; this process ends for a fresh start", file=sys.stderr)
        return 4
    except OSError as error:
        print(f"cannot listen on {config.interface}:{config.port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0 if is_clean else 3


def _describe(config: Path | None, *, with_build: bool) -> int:
    """Print what runs here; return 2 when the configuration is refused."""
    if with_build:
        print(build_info.build())
    try:
        if config is not None:
            print(build_info.configuration(config))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
