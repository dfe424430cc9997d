"""Durations as HOCON writes them: `10 seconds`, `60 minutes`, `365 days`, `500 ms`."""

import re

_DURATION = re.compile(r"(-?\d{1,9}) ?([a-z]+)", re.ASCII)
_SECONDS = {
    **dict.fromkeys(("ms", "milli", "millis", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "second", "seconds"), 1),
    **dict.fromkeys(("m", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86400),
}


class Seconds(float):
    """A duration that is not negative; in the file a text with its unit."""


class SignedSeconds(float):
    """A duration that may be negative."""


def parse(kind: type, value: object) -> object:
    """Read a duration of that kind. Raises ValueError."""
    if kind not in (Seconds, SignedSeconds):
        raise NotImplementedError(kind)
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[2] not in _SECONDS or (kind is Seconds and match[1].startswith("-")):
        raise ValueError('Expected a duration such as "10 seconds", "60 minutes" or "365 days"')
    return kind(int(match[1]) * _SECONDS[match[2]])
