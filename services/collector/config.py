"""The collector's configuration file: JSON, a subset of HOCON, with Snowplow's own key names and defaults."""

import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

_DURATION = re.compile(r"(\d{1,9}) ?(milliseconds?|ms|seconds?|s|minutes?|m|hours?|h|days?|d)", re.ASCII)
_SECONDS = {"ms": 0.001, "mi": 60, "s": 1, "m": 60, "h": 3600, "d": 86400}

type Port = Annotated[int, Meta(ge=1, le=65535)]
type Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,128}$")]
type Region = Annotated[str, Meta(pattern=r"^[a-z]{2}(-[a-z0-9]+)+$")]
type Host = Annotated[str, Meta(pattern=r"^[A-Za-z0-9.-]{1,253}$")]


class ConfigError(ValueError):
    """The configuration is refused; the text is one line that names file, place and remedy."""


class Seconds(float):
    """A duration; in the file a text such as `10 seconds`, `60 minutes` or `365 days`."""


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    pass


class Cookie(_Section, frozen=True):
    """The network user id's cookie."""

    enabled: bool = True
    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] = "sp"
    expiration: Seconds = Seconds(365 * 86400)
    domains: tuple[Host, ...] = ()
    fallback_domain: Host | None = None
    secure: bool = True
    http_only: bool = True
    same_site: Literal["None", "Lax", "Strict"] = "None"


class Cors(_Section, frozen=True):
    """How long a browser may keep the answer to a preflight request."""

    access_control_max_age: Seconds = Seconds(3600)


class Networking(_Section, frozen=True):
    """Sizes in bytes: a larger payload becomes a failed event, a larger body is refused with 413."""

    max_payload_size: Annotated[int, Meta(ge=1)] = 1_048_576
    drop_payload_size: Annotated[int, Meta(ge=1, le=16_777_216)] = 2_097_152


class Buffer(_Section, frozen=True):
    """A batch is written when it is full (bytes, records) or `timeLimit` ms old. The bounds are those of PutRecords."""

    byte_limit: Annotated[int, Meta(ge=1_048_576, le=5_242_880)] = 3_145_728
    record_limit: Annotated[int, Meta(ge=1, le=500)] = 500
    time_limit: Annotated[int, Meta(ge=1, le=60_000)] = 5_000


class Stream(_Section, frozen=True):
    """A Kinesis stream and its buffer; a record has fewer than `maxBytes` bytes."""

    name: Name
    region: Region
    max_bytes: Annotated[int, Meta(ge=10_000, le=1_000_000)] = 1_000_000
    buffer: Buffer = Buffer()


class Streams(_Section, frozen=True):
    """Where payloads go, and where failed events go."""

    good: Stream
    bad: Stream


class Spill(_Section, frozen=True):
    """Where records go on disk while Kinesis takes none: a directory on an encrypted volume, and its bound in bytes."""

    directory: Annotated[str, Meta(pattern=r"^/.+$")]
    max_bytes: Annotated[int, Meta(ge=16_777_216)] = 1_073_741_824


class Metrics(_Section, frozen=True):
    """Where Prometheus finds `/metrics`; with it, CloudWatch's embedded metrics go to standard output each minute."""

    port: Port
    interface: str = "127.0.0.1"


class Collector(_Section, frozen=True):
    """The whole configuration, below the root key `collector`."""

    interface: str
    port: Port
    streams: Streams
    cookie: Cookie = Cookie()
    cors: Cors = Cors()
    paths: dict[
        Annotated[str, Meta(pattern=r"^/[^/]+/[^/]+$")], Annotated[str, Meta(pattern=r"^/(?!r/)[^/]+/[^/]+$")]
    ] = {}
    networking: Networking = Networking()
    pre_termination_period: Seconds = Seconds(10)
    workers: Annotated[int, Meta(ge=1, le=256)] | None = None  # None: one for each core
    durable: bool = False  # answer after Kinesis has the records, not after they are in the buffer
    spill: Spill | None = None
    metrics: Metrics | None = None


class _File(_Section, frozen=True):
    collector: Collector


def load(path: Path) -> Collector:
    """Read the file. Raises ConfigError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=_File, dec_hook=_read_custom).collector
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}): give the file with --config") from None
    except msgspec.ValidationError as error:
        defect, _, place = str(error).partition(" - at ")
        raise ConfigError(
            f"{path}: {place.replace('`', '') or '$'}: {defect.replace('`', '"')}: correct it (--help shows an example)"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}: the file must be one JSON object in UTF-8") from None


def _read_custom(kind: type, value: object) -> Seconds:
    if kind is not Seconds:
        raise NotImplementedError(kind)
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('Expected a duration such as "10 seconds", "60 minutes" or "365 days"')
    unit = match[2]
    return Seconds(int(match[1]) * _SECONDS["ms" if unit.startswith(("ms", "mill")) else unit[0]])
