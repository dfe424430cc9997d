"""The enricher's configuration: one JSON file in Snowplow's key names, rendered by Terraform."""

import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from services.enricher.adapters import decompression
from services.enricher.fields.limits import COLUMN_LIMITS
from services.enricher.text.exact_json import MAX_DEPTH
from wire.columns import INDEX

_SECONDS = {
    **dict.fromkeys(("ms", "milli", "millis", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "minute", "minutes"), 60.0),
}
_DURATION = re.compile(rf"([0-9]{{1,9}}) ?({'|'.join(sorted(_SECONDS, key=len, reverse=True))})")  # HOCON's units

type Name = Annotated[str, Meta(min_length=1)]


class ConfigError(Exception):
    """The file is missing or wrong: one line with the file, the path in it and the remedy."""


class InitialPosition(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a shard without a lease is read from; anything but its beginning could skip events."""

    type: Literal["TRIM_HORIZON"]


class RetrievalMode(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """How records are fetched: this many at a time, and a pause such as `200 milliseconds` between reads."""

    type: Literal["Polling"]
    max_records: Annotated[int, Meta(ge=1, le=10_000)]
    idle_time_between_reads: str

    def __post_init__(self) -> None:
        _check_duration("idleTimeBetweenReads", self.idle_time_between_reads)

    @property
    def idle_seconds(self) -> float:
        """The pause between two reads of a shard."""
        return _seconds(self.idle_time_between_reads)


class Input(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The stream of collector payloads; `app_name` is the lease table and begins the names of KCL's others."""

    stream_name: Name
    region: Name
    app_name: Name
    initial_position: InitialPosition
    retrieval_mode: RetrievalMode
    consumer: Literal["kcl", "polling"] = "polling"  # one of a fleet, or the only reader of the stream
    lease_duration: str = "10 seconds"  # of kcl: a shard is taken over when its owner was silent for so long

    def __post_init__(self) -> None:
        _check_duration("leaseDuration", self.lease_duration)

    @property
    def lease_seconds(self) -> float:
        """How long a silent owner keeps its shards."""
        return _seconds(self.lease_duration)


class HealthProbe(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Where health and metrics are asked for, and the delay, such as `2 minutes`, that is unhealthy."""

    port: Annotated[int, Meta(ge=1, le=65_535)]
    unhealthy_latency: str

    def __post_init__(self) -> None:
        _check_duration("unhealthyLatency", self.unhealthy_latency)

    @property
    def unhealthy_seconds(self) -> float:
        """From this delay on the enricher is unhealthy."""
        return _seconds(self.unhealthy_latency)


class Monitoring(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Monitoring of the program; without a health probe no port is opened."""

    health_probe: HealthProbe | None = None


class Stream(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A stream that is written."""

    stream_name: Name
    region: Name


class LineOutput(Stream, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A stream of lines of at most so many bytes; the value of the column `partition_key` decides on the shard."""

    max_record_size: Annotated[int, Meta(ge=1_000, le=1_000_000)] = 1_000_000
    partition_key: str | None = None

    def __post_init__(self) -> None:
        if self.partition_key is not None and self.partition_key not in INDEX:
            raise ValueError("partitionKey is not a column of an enriched event, such as `domain_sessionid`")


class Output(Struct, frozen=True, forbid_unknown_fields=True):
    """The outputs, `bad` and `pii` with the size of `good`; what is made for an output that is not there is dropped."""

    good: LineOutput
    bad: Stream
    failed: LineOutput | None = None  # incomplete events: originals in clear (docs/adr/0031-incomplete-events.md)
    pii: Stream | None = None  # feeds the vault: originals in clear, from the pii enrichment's `emitEvent`


class Validation(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What a sender's text may be, where it differs from Enrich's."""

    accept_invalid: bool = False  # over-long columns fail no event
    atomic_fields_limits: dict[str, Annotated[int, Meta(ge=1)]] = {}  # a column's greatest length, in UTF-16 code units
    # So many levels are too deep. The pseudonymizer refuses 100 levels, and a failed event wraps what it tells.
    max_json_depth: Annotated[int, Meta(ge=1, le=90)] = MAX_DEPTH

    def __post_init__(self) -> None:
        for name in self.atomic_fields_limits:
            if name not in COLUMN_LIMITS:
                raise ValueError(f"atomicFieldsLimits has `{name}`, which is not a column with a limit")


class Decompression(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Bounds of compressed records, in decompressed bytes."""

    max_bytes_in_batch: Annotated[int, Meta(ge=1)] = decompression.SNOWPLOW_DEFAULTS.max_bytes_in_batch
    max_bytes_single_payload: Annotated[int, Meta(ge=1, le=10_000_000)] = (
        decompression.SNOWPLOW_DEFAULTS.max_bytes_single_payload
    )


class IgluRegistry(Struct, frozen=True, forbid_unknown_fields=True):
    """The bundle's static registry: a directory, relative to the working directory; and a resolver configuration."""

    registry: Name
    resolver: Name | None = None

    @property
    def resolver_file(self) -> Path | None:
        """The file that names other registries, in Snowplow's form."""
        return None if self.resolver is None else Path(self.resolver)


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    input: Input
    output: Output
    iglu: IgluRegistry
    monitoring: Monitoring = Monitoring()
    validation: Validation = Validation()
    decompression: Decompression = Decompression()
    enrichments: Name | None = None  # a directory of Snowplow's configuration files, relative to the working directory


def _check_duration(key: str, text: str) -> None:
    if not _DURATION.fullmatch(text):
        raise ValueError(f"{key} is not a duration such as `200 milliseconds` or `2 minutes`")


def _seconds(duration: str) -> float:
    match = _DURATION.fullmatch(duration)
    assert match is not None  # noqa: S101 - checked when it was read
    return int(match[1]) * _SECONDS[match[2]]


def load(file: Path) -> Config:
    """Read the configuration. Raises ConfigError."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Config)
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}; pass the configuration with --config") from None
    except msgspec.DecodeError as error:
        defect, _, path = str(error).partition(" - at ")
        place = f"{path.strip('`')}: " if path else ""
        raise ConfigError(f"{file}: {place}{defect}; correct it in Terraform's rendering of the file") from None
