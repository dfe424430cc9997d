"""Read the configuration file: JSON, which is a subset of HOCON."""

from pathlib import Path
from typing import Any

import msgspec

from services.collector.config import durations, snowplow
from services.collector.config.settings import Collector
from services.collector.errors import ConfigError, Failure

_UNUSED = ("license", "p3p", "redirectMacro", "telemetry", "ssl", "monitoring")
_UNUSED_OF_STREAM = ("aws", "sqsMaxBytes", "threadPoolSize")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    collector: Collector


def load(path: Path) -> Collector:
    """Read the file. Raises ConfigError."""
    try:
        return convert(snowplow.adapted(_read(path)))
    except msgspec.ValidationError as error:
        defect, _, place = str(error).partition(" - at ")
        raise ConfigError(
            Failure.SETTING_WRONG, file=path, place=place.replace("`", "") or "$", reason=defect.replace("`", '"')
        ) from None


def convert(document: object) -> Collector:
    """Return the settings of a document. Raises msgspec.ValidationError."""
    return msgspec.convert(document, type=_File, dec_hook=durations.parse).collector


def unused(path: Path) -> list[str]:
    """Name the keys of a valid file that ask for nothing here. Raises ConfigError."""
    return unused_of(snowplow.adapted(_read(path))["collector"])


def unused_of(collector: Any) -> list[str]:
    """Name the keys of valid settings that ask for nothing here."""
    found = [key for key in _UNUSED if key in collector]
    for name in ("good", "bad"):
        found += [f"streams.{name}.{key}" for key in _UNUSED_OF_STREAM if key in collector["streams"][name]]
    return found


def _read(path: Path) -> Any:
    try:
        return msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise ConfigError(Failure.FILE_UNREADABLE, file=path, reason=error.strerror) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(Failure.FILE_NOT_JSON, file=path, reason=error) from None
