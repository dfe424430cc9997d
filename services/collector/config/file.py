"""Read the configuration file: JSON, which is a subset of HOCON."""

from pathlib import Path
from typing import Any

import msgspec

from services.collector.config import durations
from services.collector.config.settings import Collector

_UNUSED = ("license", "p3p", "redirectMacro", "telemetry", "ssl", "monitoring")
_UNUSED_OF_STREAM = ("aws", "sqsMaxBytes", "threadPoolSize")


class ConfigError(ValueError):
    """The configuration is refused; the text is one line that names file, place and remedy."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    collector: Collector


def load(path: Path) -> Collector:
    """Read the file. Raises ConfigError."""
    try:
        return msgspec.convert(_read(path), type=_File, dec_hook=durations.parse).collector
    except msgspec.ValidationError as error:
        defect, _, place = str(error).partition(" - at ")
        raise ConfigError(
            f"{path}: {place.replace('`', '') or '$'}: {defect.replace('`', '"')}: correct it (--help shows an example)"
        ) from None


def unused(path: Path) -> list[str]:
    """Name the keys of a valid file that ask for nothing here. Raises ConfigError."""
    collector = _read(path)["collector"]
    found = [key for key in _UNUSED if key in collector]
    for name in ("good", "bad"):
        found += [f"streams.{name}.{key}" for key in _UNUSED_OF_STREAM if key in collector["streams"][name]]
    return found


def _read(path: Path) -> Any:
    try:
        return _in_new_style(msgspec.json.decode(path.read_bytes()))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}): give the file with --config") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}: the file must be one JSON object in UTF-8") from None


def _in_new_style(document: Any) -> Any:
    """Rewrite Snowplow's older style, where the streams are names and share `sink` and `buffer`."""
    match document:
        case {"collector": {"streams": {"good": str(good), "bad": str(bad), "sink": dict(sink), **others}}}:
            shared = {key: value for key, value in sink.items() if key != "enabled"}
            if "buffer" in others:
                shared["buffer"] = others.pop("buffer")
            streams = {**others, "good": {"name": good, **shared}, "bad": {"name": bad, **shared}}
            return {**document, "collector": {**document["collector"], "streams": streams}}
    return document
