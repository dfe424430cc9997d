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
    """A duration; in the file a text with its unit. `lowest` and `highest` bound what a file may say."""

    lowest, highest = 0.0, 366 * 86400.0


class Timeout(Seconds):
    """How long something may take: long enough for a packet to come back, and no longer than a day."""

    lowest, highest = 0.1, 86400.0


class IdleTime(Timeout):
    """How long a connection may be idle: it is looked at each second."""

    lowest = 1.0


class Grace(Seconds):
    """How long the collector keeps serving after SIGTERM."""

    highest = 3600.0


class CookieLife(Seconds):
    """A cookie's life. Its end, and the same time ago, have to be dates that HTTP can write (years 1601 to 9999)."""

    highest = 100 * 366 * 86400.0


class DeltaSeconds(Seconds):
    """A header's delta-seconds: caches and browsers count to 2^31 - 1 (RFC 9111, section 1.2.2)."""

    highest = 2**31 - 1.0


class SignedDeltaSeconds(DeltaSeconds):
    """The same, where -1 means not at all."""

    lowest = -1.0


def parse(kind: type, value: object) -> object:
    """Read a duration of that kind. Raises ValueError for a malformed one and for one out of its bounds."""
    if not issubclass(kind, Seconds):
        raise NotImplementedError(kind)
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[2] not in _SECONDS:
        raise ValueError('Expected a duration such as "10 seconds", "60 minutes" or "365 days"')
    seconds = int(match[1]) * _SECONDS[match[2]]
    if not kind.lowest <= seconds <= kind.highest:
        raise ValueError(f"Expected a duration between {_text(kind.lowest)} and {_text(kind.highest)}")
    return kind(seconds)


def _text(seconds: float) -> str:
    """Render a bound in the largest unit that shows it whole."""
    if seconds % 1:
        return f"{seconds * 1000:g} milliseconds"
    unit, size = next((unit, size) for unit, size in (("days", 86400), ("seconds", 1)) if seconds % size == 0)
    return f"{seconds / size:.0f} {unit if seconds else 'seconds'}"
