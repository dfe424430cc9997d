"""Timestamps of the enriched event: ms since the epoch to `yyyy-MM-dd HH:mm:ss.SSS`, UTC."""

from functools import lru_cache

from wire.instants import civil

_LAST_YEAR = 9999
# Events arrive roughly in order of time, so few seconds are in use at once.
_SECONDS_KEPT = 4096
_MILLISECONDS = [f"{millisecond:03d}" for millisecond in range(1000)]


class TimestampError(ValueError):
    """The year is outside 0..9999; the message does not say which."""


def format_timestamp(milliseconds: int) -> str:
    """Render ms since the epoch for the TSV. Raises TimestampError."""
    return _second(milliseconds // 1000) + _MILLISECONDS[milliseconds % 1000]


def format_any_timestamp(milliseconds: int) -> str:
    """Render ms since the epoch with a sign before a year below 0, and more digits for one above 9999."""
    try:
        return format_timestamp(milliseconds)
    except TimestampError:
        year, rest = civil(milliseconds)
        return f"{'-' if year < 0 else ''}{abs(year):04d}{rest.replace('T', ' ')}"


@lru_cache(_SECONDS_KEPT)
def _second(number: int) -> str:
    """Return `yyyy-MM-dd HH:mm:ss.` of a second since the epoch."""
    year, rest = civil(number * 1000)
    if not 0 <= year <= _LAST_YEAR:
        raise TimestampError("Formatting as a year outside 0..9999 is not Redshift-compatible")
    return f"{year:04d}{rest[:-3].replace('T', ' ')}"
