"""What the program and the child processes of its fleet share: how they are made, how they fail."""

import logging
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from threading import Event

import boto3

from services.enricher import PROCESSOR, pipeline
from services.enricher.adapters.decompression import Bounds
from services.enricher.config import Config, ConfigError, LineOutput, Stream
from services.enricher.enrichments import loader
from services.enricher.enrichments.assets import AssetError, Assets
from services.enricher.enrichments.configuration import EnrichmentConfigError
from services.enricher.enrichments.loader import NO_ENRICHMENTS
from services.enricher.errors import Failure
from services.enricher.fields.limits import Limits
from services.enricher.iglu.registries import RegistryError
from services.enricher.iglu.validation import Iglu
from services.enricher.kinesis.daemon import DaemonError
from services.enricher.kinesis.interface import Source
from services.enricher.kinesis.kcl import ProtocolError
from services.enricher.kinesis.leases import LeaseTable
from services.enricher.kinesis.polling import PollingSource
from services.enricher.kinesis.sink import KinesisSink
from services.enricher.pipeline import Sinks
from services.enricher.processing.record_enricher import RecordEnricher
from services.enricher.support import aws
from services.enricher.support.aws import AwsError
from services.enricher.telemetry import metrics

_log = logging.getLogger("services.enricher")


_FAILURES: dict[type[Exception], Failure] = {
    ConfigError: Failure.CONFIGURATION,
    RegistryError: Failure.CONFIGURATION,
    EnrichmentConfigError: Failure.CONFIGURATION,
    AssetError: Failure.CONFIGURATION,
    DaemonError: Failure.DAEMON_MISSING,
    ProtocolError: Failure.PROTOCOL,
    AwsError: Failure.AWS_REFUSES,
}


def guarded(file: Path, run: Callable[[], int]) -> int:
    """Run, and say in one line what ended it; return the exit code."""
    configure_logging()
    try:
        return run()
    except tuple(_FAILURES) as error:
        failure = _FAILURES[type(error)]
        line = failure.line(reason=error, file=file)
    except Exception as error:  # noqa: BLE001 - an exception's text can hold an event: only its place is said
        where = traceback.extract_tb(error.__traceback__)[-1]
        failure = Failure.BUG
        line = failure.line(kind=type(error).__name__, place=f"{where.filename}:{where.lineno}")
    print(f"enricher: {line}", file=sys.stderr)
    return failure.exit_code


def enricher(settings: Config, stop: Event | None = None) -> RecordEnricher:
    """Make what turns records into outputs; the files that enrichments use are kept current until `stop` is set.

    Raises AssetError, EnrichmentConfigError, RegistryError.
    """
    iglu = Iglu(
        Path(settings.iglu.registry),
        settings.iglu.resolver_file,
        on_failure=metrics.registry_failed,
        on_unchecked=metrics.UNCHECKED.inc,
    )
    enrichments = NO_ENRICHMENTS
    if settings.enrichments is not None:
        assets = Assets(settings.input.region)
        enrichments = metrics.timed(loader.load(Path(settings.enrichments), assets))
        assets.keep_current(stop or Event())
    good, failed, validation = settings.output.good, settings.output.failed, settings.validation
    limits = Limits(
        validation.atomic_fields_limits,
        max_json_depth=validation.max_json_depth,
        accept_invalid=validation.accept_invalid,
    )
    return RecordEnricher(
        iglu,
        good.max_record_size,
        enrichments,
        max_incomplete_size=failed.max_record_size if failed else None,
        limits=limits,
        bounds=Bounds(settings.decompression.max_bytes_in_batch, settings.decompression.max_bytes_single_payload),
    )


def defects(settings: Config) -> list[str]:
    """Return a line for whatever keeps the enrichments from starting, all of them at once."""
    if settings.enrichments is None:
        return []
    return loader.defects(Path(settings.enrichments), Assets(settings.input.region))


def polling(settings: Config, stop: Event) -> PollingSource:
    """Make the source for the only reader of the stream."""
    kinesis = boto3.client("kinesis", region_name=settings.input.region, config=aws.CLIENT_CONFIG)
    dynamodb = boto3.client("dynamodb", region_name=settings.input.region, config=aws.CLIENT_CONFIG)
    return PollingSource(
        settings.input.stream_name,
        kinesis,
        LeaseTable(settings.input.app_name, dynamodb),
        stop,
        max_records=settings.input.retrieval_mode.max_records,
        idle_seconds=settings.input.retrieval_mode.idle_seconds,
    )


def process(settings: Config, source: Source) -> None:
    """Process a source to its end. Raises AwsError, ProtocolError, and what `enricher` raises."""
    records = enricher(settings)
    output = settings.output
    pii, failed = (_sink(stream) if stream else None for stream in (output.pii, output.failed))
    sinks = Sinks(_sink(output.good), _sink(output.bad), pii, failed)
    _log.info("%s %s reads %s", PROCESSOR.artifact, PROCESSOR.version, settings.input.stream_name)
    pipeline.run(source, records, sinks)


def _sink(output: Stream) -> KinesisSink:
    kinesis = boto3.client("kinesis", region_name=output.region, config=aws.CLIENT_CONFIG)
    key = output.partition_key if isinstance(output, LineOutput) else None
    return KinesisSink(output.stream_name, kinesis, partition_key=key)


def configure_logging() -> None:
    """Log to stderr; the clients' own loggers never below the level where they write requests out."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    for name in ("boto3", "botocore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings hold the paths of schemas that senders named
