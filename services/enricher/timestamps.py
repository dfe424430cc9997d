"""Timestamps of the enriched event: ms since the epoch to `yyyy-MM-dd HH:mm:ss.SSS`, UTC."""

from functools import lru_cache

from wire.instants import civil

_LAST_YEAR = 9999
_MINUTE = 60_000
# Events come in the order of time, more or less: few minutes are in use at once.
_MINUTES_KEPT = 4096
_SECONDS = [f"{second:02d}" for second in range(60)]
_MILLISECONDS = [f".{millisecond:03d}" for millisecond in range(1000)]


class TimestampError(ValueError):
    """The year is outside 0..9999; the message does not say which."""


def format_timestamp(milliseconds: int) -> str:
    """Render ms since the epoch for the TSV. Raises TimestampError."""
    within = milliseconds % _MINUTE
    return _minute(milliseconds // _MINUTE) + _SECONDS[within // 1000] + _MILLISECONDS[within % 1000]


@lru_cache(_MINUTES_KEPT)
def _minute(number: int) -> str:
    """Return `yyyy-MM-dd HH:mm:` of a minute since the epoch."""
    year, rest = civil(number * _MINUTE)
    if not 0 <= year <= _LAST_YEAR:
        raise TimestampError("Formatting as a year outside 0..9999 is not Redshift-compatible")
    return f"{year:04d}{rest[:13].replace('T', ' ')}"
