"""Instants in ms since the epoch as civil UTC time, for every 64 bit value: `datetime` ends at the years 1 and 9999."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CYCLE_YEARS = 400  # the Gregorian calendar repeats
_CYCLE_MS = 146_097 * 86_400_000


def civil(milliseconds: int) -> tuple[int, str]:
    """Return the year (0 is 1 BC) and the rest of the instant as `-MM-ddTHH:mm:ss.SSS`."""
    cycles, within = divmod(milliseconds, _CYCLE_MS)
    moment = _EPOCH + timedelta(milliseconds=within)
    return moment.year + cycles * _CYCLE_YEARS, moment.isoformat(timespec="milliseconds")[4:-6]


def instant(milliseconds: int) -> str:
    """Render an ISO-8601 UTC instant as Java does: the fraction omitted when zero, signed years beyond four digits."""
    year, rest = civil(milliseconds)
    sign = "-" if year < 0 else "+" if year > 9999 else ""
    return f"{sign}{abs(year):04d}{rest.removesuffix('.000')}Z"
