"""Compare a configuration of Snowplow's collector with what this one makes of it: every difference at once."""

import os
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from services.collector.config import snowplow
from services.collector.config.file import convert, unused_of
from services.collector.errors import ConfigError, Failure
from wire import hocon

# Given for what is required and missing, so that the rest of the file can be read.
_PLACEHOLDERS: dict[str, Any] = {"interface": "0.0.0.0", "port": 8080, "name": "missing", "region": "eu-west-1"}  # noqa: S104  # nobody listens there
_UNKNOWN, _MISSING = "Object contains unknown field `", "Object missing required field `"


class Effect(Enum):
    """What a difference means for a migration."""

    STOPS = "stops the start"
    CHANGES = "changes behaviour"
    NONE = "has no effect"


class Difference(NamedTuple):
    """A key of the file, or one that it leaves out, that does something else here."""

    key: str
    effect: Effect
    text: str


class Comparison(NamedTuple):
    """The differences, and the settings that remain: a document for --config."""

    differences: list[Difference]
    document: dict[str, Any]


def compare(path: Path) -> Comparison:
    """Read a file of Snowplow's, HOCON or JSON, with the environment's variables. Raises ConfigError."""
    try:
        document: dict[str, Any] = hocon.parse(path.read_text("utf-8"), os.environ)
    except OSError as error:
        raise ConfigError(Failure.FILE_UNREADABLE, file=path, reason=error.strerror) from None
    except (hocon.HoconError, UnicodeDecodeError) as error:
        raise ConfigError(Failure.FILE_NOT_HOCON, file=path, reason=error) from None
    if not isinstance(document.get("collector"), dict):
        raise ConfigError(Failure.SETTING_WRONG, file=path, place="$", reason='the root key "collector" is missing')
    sent = document["collector"]
    document = snowplow.adapted({"collector": sent})
    differences = [*_of_values(document), *_of_behaviour(document["collector"])]
    return Comparison(sorted(differences, key=lambda each: (list(Effect).index(each.effect), each.key)), document)


def _of_values(document: dict[str, Any]) -> Iterator[Difference]:
    """Take out of the document, and yield, whatever our settings do not accept, until they accept the rest."""
    while True:
        try:
            convert(document)
        except msgspec.ValidationError as error:
            defect, _, place = str(error).partition(" - at ")
            yield _taken_out(document, defect, place)
        else:
            break
    for key in unused_of(document["collector"]):
        yield Difference(key, Effect.NONE, "is read and asks for nothing here")


def _taken_out(document: dict[str, Any], defect: str, place: str) -> Difference:
    keys = place.replace("`", "").removeprefix("key in ").partition("[")[0].split(".")[1:]
    if defect.startswith(_UNKNOWN):
        keys.append(defect.removeprefix(_UNKNOWN).rstrip("`"))
        value = _remove(document, keys)
        key = ".".join(keys[1:])
        effect, text = _OF_UNKNOWN.get(keys[-1], (Effect.NONE, "is unknown here, as to Snowplow's collector"))
        return Difference(key, Effect.NONE if _is_off(value) else effect, text)
    if defect.startswith(_MISSING):
        name = defect.removeprefix(_MISSING).rstrip("`")
        _set(document, [*keys, name], _PLACEHOLDERS.get(name, {}))
        return Difference(".".join([*keys[1:], name]), Effect.STOPS, "is missing and required")
    if len(keys) < 2:  # of the settings together: what they lack is not in Snowplow's files
        keys.append("interface")
    _remove(document, keys)
    return Difference(".".join(keys[1:]), Effect.STOPS, f"is refused: {defect.replace('`', '"')}")


# Keys of Snowplow's collector that are not settings here.
_OF_UNKNOWN: dict[str, tuple[Effect, str]] = {
    "sqsGoodBuffer": (Effect.STOPS, "is refused: records wait on disk while Kinesis fails; set spill.directory"),
    "sqsBadBuffer": (Effect.STOPS, "is refused: records wait on disk while Kinesis fails; set spill.directory"),
    "compression": (Effect.CHANGES, "records are not packed nor compressed: Kinesis gets more of them"),
    "preTerminationUnhealthy": (Effect.CHANGES, "/health stays 200 until the port closes"),
    "terminationDeadline": (Effect.CHANGES, "a stop takes until everything accepted is in the streams"),
    "prometheusMetrics": (Effect.CHANGES, "metrics are served on a port of their own: set metrics.port"),
    "enableStartupChecks": (Effect.NONE, "streams are looked at until they are there"),
}


def _of_behaviour(collector: dict[str, Any]) -> Iterator[Difference]:
    """Yield where the same settings do something else: the safer defaults (docs/adr/0015-safer-defaults.md)."""
    if "expiration" not in collector.get("cookie", {}):
        yield Difference("cookie.expiration", Effect.CHANGES, 'is 90 days when left out; Snowplow: "365 days"')
    redirects = collector.get("enableDefaultRedirect") or any(
        target.startswith("/r/") for target in collector.get("paths", {}).values()
    )
    if redirects and not collector.get("redirectDomains"):
        yield Difference("redirectDomains", Effect.CHANGES, 'allows no redirect when empty; Snowplow allows all: ["*"]')
    if "trustedProxies" not in collector.get("networking", {}):
        yield Difference(
            "networking.trustedProxies",
            Effect.CHANGES,
            'X-Forwarded-For counts from private networks only, and is not recorded; Snowplow believes anybody: "any"',
        )
    if not collector.get("telemetry", {}).get("disable"):
        yield Difference("telemetry.disable", Effect.NONE, "nothing is sent to anybody")


def _is_off(value: Any) -> bool:
    return value is False or (isinstance(value, dict) and not value.get("enabled"))


def _remove(document: dict[str, Any], keys: list[str]) -> Any:
    for key in keys[:-1]:
        document = document[key]
    return document.pop(keys[-1])


def _set(document: dict[str, Any], keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        document = document[key]
    document[keys[-1]] = value
