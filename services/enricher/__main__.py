"""Command line of the enricher.

Exit codes: 0 stopped by SIGTERM or SIGINT with everything in flight done; 1 AWS refused, or a bug: what was in flight
is read again at the next start; 2 the configuration or the registry is wrong.
"""

import argparse
import logging
import signal
import sys
import traceback
from pathlib import Path
from threading import Event

import boto3

from services.enricher import PROCESSOR, aws, config, pipeline
from services.enricher.aws import AwsError
from services.enricher.config import Config, ConfigError
from services.enricher.iglu import Iglu, RegistryError
from services.enricher.leases import LeaseTable
from services.enricher.polling import PollingSource
from services.enricher.record import RecordEnricher
from services.enricher.sink import KinesisSink

_log = logging.getLogger("services.enricher")


def main(arguments: list[str] | None = None) -> int:
    """Run until stopped; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m services.enricher",
        description="Turns the collector's payloads into enriched events and failed events.",
        epilog="example: python -m services.enricher --config /etc/snowveil/enricher.json",
    )
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="configuration, JSON")
    file = parser.parse_args(arguments).config
    configure_logging()
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        settings = config.load(file)
        iglu = Iglu(Path(settings.iglu.registry))
    except (ConfigError, RegistryError) as error:
        return _fail(str(error), 2)
    try:
        run(settings, iglu, stop)
    except AwsError as error:
        return _fail(f"{error}; check the stream's and the table's names in {file} and this machine's permissions", 1)
    except Exception as error:  # noqa: BLE001 - an exception's text can hold an event: only its place is said
        where = traceback.extract_tb(error.__traceback__)[-1]
        return _fail(f"bug: {type(error).__name__} at {where.filename}:{where.lineno}", 1)
    _log.info("stopped")
    return 0


def run(settings: Config, iglu: Iglu, stop: Event) -> None:
    """Process the input stream until `stop` is set. Raises AwsError."""
    kinesis = boto3.client("kinesis", region_name=settings.input.region, config=aws.CLIENT_CONFIG)
    dynamodb = boto3.client("dynamodb", region_name=settings.input.region, config=aws.CLIENT_CONFIG)
    source = PollingSource(
        settings.input.stream_name,
        kinesis,
        LeaseTable(settings.input.app_name, dynamodb),
        stop,
        max_records=settings.input.retrieval_mode.max_records,
        idle_seconds=settings.input.retrieval_mode.idle_seconds,
    )
    good, bad = (
        KinesisSink(output.stream_name, boto3.client("kinesis", region_name=output.region, config=aws.CLIENT_CONFIG))
        for output in (settings.output.good, settings.output.bad)
    )
    _log.info("%s %s reads %s", PROCESSOR.artifact, PROCESSOR.version, settings.input.stream_name)
    pipeline.run(source, RecordEnricher(iglu, settings.output.good.max_record_size), good, bad)


def configure_logging() -> None:
    """Log to stderr; the AWS client's own loggers never below WARNING, where they write requests out."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    for name in ("boto3", "botocore", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _fail(line: str, code: int) -> int:
    print(f"enricher: {line}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
