"""Compare a configuration of Snowplow's Enrich with what this enricher makes of it: every difference at once.

Keys: docs.snowplow.io, "Enrich configuration reference", 6.13. Enrich ignores keys that it does not know.
"""

import os
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from services.enricher.config import Config, ConfigError
from services.enricher.enrichments import loader
from services.enricher.enrichments.assets import Assets
from wire import hocon


class Effect(Enum):
    """What a difference means for who moves here."""

    STOPS = "stops the start"
    CHANGES = "changes behaviour"
    NONE = "has no effect"


class Difference(NamedTuple):
    """A key of the file, or one that it leaves out, that does something else here."""

    key: str
    effect: Effect
    text: str


class Comparison(NamedTuple):
    """The differences, the worst first, and the settings that remain: a document for --config."""

    differences: list[Difference]
    document: dict[str, Any]


_STREAM = ("streamName", "region", "maxRecordSize", "partitionKey")
# Settings that mean the same in both.
_SAME = {
    "input.streamName", "input.region", "input.appName", "input.initialPosition.type", "input.leaseDuration",
    "input.retrievalMode.type", "input.retrievalMode.maxRecords", "input.retrievalMode.idleTimeBetweenReads",
    *(f"output.good.{key}" for key in _STREAM), *(f"output.failed.{key}" for key in _STREAM),
    *(f"output.bad.{key}" for key in _STREAM[:2]),
    "validation.acceptInvalid", "validation.atomicFieldsLimits", "validation.maxJsonDepth",
    "decompression.maxBytesInBatch", "decompression.maxBytesSinglePayload",
    "monitoring.healthProbe.port", "monitoring.healthProbe.unhealthyLatency",
}  # fmt: skip
_WRITING = "is fixed: at most 500 records and 5 MB a call, 0.1 to 1 s between attempts, which do not end"
# Snowplow's other settings, by their path or the beginning of it.
_OTHER: dict[str, tuple[Effect, str]] = {
    "license": (Effect.NONE, "no licence has to be accepted"),
    "input.initialPosition.timestamp": (Effect.CHANGES, "reading begins at the oldest record, so nothing is skipped"),
    "input.workerIdentifier": (Effect.NONE, "is the host's name and a random part"),
    "input.maxLeasesToStealAtOneTimeFactor": (Effect.NONE, "is the Kinesis Client Library's default"),
    "input.checkpointThrottledBackoffPolicy": (Effect.NONE, "is fixed: 0.1 to 1 s between attempts"),
    "input.debounceCheckpoints": (Effect.NONE, "each batch is checkpointed when it is written"),
    "input.maxRetries": (Effect.NONE, "attempts do not end"),
    "input.apiCallAttemptTimeout": (Effect.NONE, "is fixed: 15 s"),
    "input.customEndpoint": (Effect.CHANGES, "is not read; set AWS_ENDPOINT_URL_KINESIS"),
    "input.dynamodbCustomEndpoint": (Effect.CHANGES, "is not read; set AWS_ENDPOINT_URL_DYNAMODB"),
    "input.cloudwatchCustomEndpoint": (Effect.NONE, "no metric is sent to CloudWatch's API"),
    "cpuParallelismFraction": (Effect.NONE, "each shard has a process of its own"),
    "sinkParallelismFraction": (Effect.NONE, "each shard writes for itself"),
    "assetsUpdatePeriod": (Effect.CHANGES, "files are looked at every ten minutes"),
    "jsAllowedJavaClasses": (Effect.NONE, "there is no JavaScript enrichment"),
    "validation.exitOnJsCompileError": (Effect.NONE, "there is no JavaScript enrichment"),
    "http.client.requestTimeout": (Effect.NONE, "an enrichment that calls has a time-out of its own"),
    "iglu.maxRetry": (Effect.CHANGES, "a registry that gives no answer is waited for, five minutes at most"),
    "iglu.maxWait": (Effect.CHANGES, "a registry that gives no answer is waited for, five minutes at most"),
    "monitoring.metrics.statsd": (
        Effect.CHANGES,
        "no StatsD; GET /metrics on monitoring.healthProbe.port, and the log",
    ),
    "monitoring.metrics.prometheus.tags": (Effect.CHANGES, "metrics have no tags"),
    "monitoring.metrics.prometheus": (Effect.NONE, "is GET /metrics on monitoring.healthProbe.port"),
    "monitoring.sentry": (Effect.CHANGES, "errors are in the log only"),
    "telemetry": (Effect.NONE, "nothing is sent to anybody"),
    "metadata": (Effect.CHANGES, "no report of event types is sent"),
    "identity": (Effect.CHANGES, "no identity context: the service would receive identifiers in clear"),
    **{
        f"output.{stream}.{key}": said
        for stream in ("good", "failed", "bad")
        for key, said in {
            "throttledBackoffPolicy": (Effect.NONE, _WRITING),
            "recordLimit": (Effect.NONE, _WRITING),
            "byteLimit": (Effect.NONE, _WRITING),
            "maxRetries": (Effect.NONE, _WRITING),
            "attributes": (Effect.NONE, "Kinesis has none"),
            "customEndpoint": (Effect.CHANGES, "is not read; set AWS_ENDPOINT_URL_KINESIS"),
            "compression": (Effect.CHANGES, "lines are written without compression"),
        }.items()
    },
    "output.bad.maxRecordSize": (Effect.NONE, "is that of output.good, as in Enrich"),
    "output.bad.partitionKey": (Effect.NONE, "is random, as in Enrich"),
}
# What our file needs and Snowplow's leaves out or has elsewhere.
_NEEDED: dict[str, Any] = {
    "input.appName": "snowplow-enrich",  # Enrich's own default
    "input.consumer": "kcl",
    "input.initialPosition.type": "TRIM_HORIZON",
    "input.retrievalMode.type": "Polling",
    "input.retrievalMode.maxRecords": 750,
    "input.retrievalMode.idleTimeBetweenReads": "200 milliseconds",
    "iglu.registry": "schemas",
    "monitoring.healthProbe.port": 8000,
    "monitoring.healthProbe.unhealthyLatency": "2 minutes",
}
_OBJECTS = ("input", "output", "output.good", "output.bad")
_MOST_DEFECTS = 100


def compare(file: Path) -> Comparison:
    """Read a file of Snowplow's, HOCON or JSON, with the environment's variables. Raises ConfigError."""
    try:
        sent: dict[str, Any] = hocon.parse(file.read_text("utf-8"), os.environ)
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}; pass Snowplow's configuration with --from-snowplow") from None
    except (hocon.HoconError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {error}; correct the line") from None
    document: dict[str, Any] = {}
    differences = [*_taken(sent, document), *_filled(document), *_refused(document)]
    order = list(Effect)
    return Comparison(sorted(set(differences), key=lambda each: (order.index(each.effect), each.key)), document)


def of_enrichments(directory: Path) -> list[Difference]:
    """Return a difference for each configuration that stops the start."""
    lines = loader.defects(directory, Assets())
    return [Difference(name, Effect.STOPS, text) for name, _, text in (line.partition(": ") for line in lines)]


def _taken(sent: dict[str, Any], document: dict[str, Any]) -> Iterator[Difference]:
    """Copy what means the same; yield a difference for what does not."""
    for path, value in _settings(sent):
        known = next((known for known in _OTHER if path == known or path.startswith(f"{known}.")), None)
        if path in _SAME:
            _set(document, path, value)
        elif known is not None:
            effect, text = _OTHER[known]
            yield Difference(known, Effect.NONE if _is_off(known, sent) else effect, text)
        else:
            yield Difference(path, Effect.NONE, "is unknown here, as to Enrich, which ignores it")


def _settings(document: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        path = before + key
        if isinstance(value, dict) and value and path not in _SAME:
            yield from _settings(value, f"{path}.")
        else:
            yield path, value


def _is_off(path: str, sent: dict[str, Any]) -> bool:
    value: Any = sent
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return isinstance(value, dict) and (value.get("enabled") is False or not value)


def _filled(document: dict[str, Any]) -> Iterator[Difference]:
    """Fill in what Snowplow's file leaves out; yield where that is another default than Enrich's."""
    if _get(document, "input.initialPosition.type") not in (None, "TRIM_HORIZON"):
        _set(document, "input.initialPosition.type", "TRIM_HORIZON")
        yield Difference(
            "input.initialPosition.type", Effect.CHANGES, "is TRIM_HORIZON: another position skips events that wait"
        )
    if _get(document, "input.retrievalMode.type") not in (None, "Polling"):
        _set(document, "input.retrievalMode.type", "Polling")
        yield Difference("input.retrievalMode.type", Effect.CHANGES, "is Polling")
    _fill(document)
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    is_missing = False
    for path in ("input", *(f"output.{name}" for name in document.get("output", {}))):
        if _get(document, f"{path}.region") is None:
            _set(document, f"{path}.region", region or "eu-west-1")
            is_missing |= region is None
    if is_missing:
        yield Difference("region", Effect.STOPS, "is part of the file here: set AWS_REGION and try again")
    if _get(document, "output.failed") is not None:
        yield Difference("output.failed", Effect.CHANGES, "holds originals: docs/enricher.md, Incomplete events")


def _fill(document: dict[str, Any]) -> None:
    for path, value in _NEEDED.items():
        if _get(document, path) is None:
            _set(document, path, value)


def _refused(document: dict[str, Any]) -> Iterator[Difference]:
    """Take out of the document, and yield, whatever our settings do not accept, until they accept the rest."""
    for _ in range(_MOST_DEFECTS):
        try:
            msgspec.convert(document, Config)
        except msgspec.ValidationError as error:
            defect, _, place = str(error).partition(" - at ")
            path = place.strip("`").removeprefix("$").lstrip(".").partition("[")[0]
            if defect.startswith("Object missing required field `"):
                missing = ".".join(filter(None, [path, defect.split("`")[1]]))
                yield Difference(missing, Effect.STOPS, "is missing and required")
                _set(document, missing, {} if missing in _OBJECTS else "missing")
            else:
                yield Difference(path, Effect.STOPS, f"is refused: {defect.replace('`', '"')}")
                _remove(document, path)
                _fill(document)
        else:
            return


def _get(document: dict[str, Any], path: str) -> Any:
    value: Any = document
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _set(document: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for key in parents:
        inner = document.get(key)
        if not isinstance(inner, dict):
            inner = document[key] = {}
        document = inner
    document[last] = value


def _remove(document: dict[str, Any], path: str) -> None:
    *parents, last = path.split(".")
    for key in parents:
        document = document[key]
    del document[last]
