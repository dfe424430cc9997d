"""Timestamps of the enriched event: ms since the epoch to `yyyy-MM-dd HH:mm:ss.SSS`, UTC."""

from wire.instants import civil

_LAST_YEAR = 9999


class TimestampError(ValueError):
    """The year is outside 0..9999; the message does not say which."""


def format_timestamp(milliseconds: int) -> str:
    """Render ms since the epoch for the TSV. Raises TimestampError."""
    year, rest = civil(milliseconds)
    if not 0 <= year <= _LAST_YEAR:
        raise TimestampError("Formatting as a year outside 0..9999 is not Redshift-compatible")
    return f"{year:04d}{rest.replace('T', ' ')}"


def derive_timestamp(collector: int, created: int | None, sent: int | None, true: int | None) -> int:
    """Return the best guess of when the event happened, all in ms: a device's clock is corrected by its own delay."""
    if true is not None:
        return true
    if created is not None and sent is not None and created < sent:
        return collector - (sent - created)
    return collector
