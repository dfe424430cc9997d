"""Times are shown within a window around the time at which the collector took the record; others are erased.

`4915112345678` is a telephone number and a time in the year 2125: who chooses a time freely can write anything into it.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from lambda_src.pseudonymizer.transform.actions import Actions, Allow, TextAction

_NEVER = ("9999-99-99", "0000-00-00", range(0))
# A time in a column, as the enricher writes it: digits where this has zeros.
_SHAPE = b"0000-00-00 00:00:00.000\n"
_DIGITS_TO_ZEROS = bytes.maketrans(b"0123456789", b"0000000000")
# ISO 8601, and milliseconds since the epoch.
_ISO = re.compile(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9]:[0-6][0-9](?:\.([0-9]{1,9}))?(Z| UTC|\+00:00)?"
).fullmatch
_MINUTE = len("2026-01-31T12:34:")
_MILLISECONDS = re.compile("1[0-9]{12}").fullmatch
_LONGEST_FRACTION = 3


class Times:
    """The actions on times. They follow the window that is set for the records at hand.

    `own` shows any time in a column that the pipeline itself fills, `column` one in another column, `time` and `minute`
    one in JSON or in a parameter.
    """

    def __init__(self, days_before: int, days_after: int, actions: Actions) -> None:
        """Show times from so many whole days before the collector's day to so many after it."""
        self._before = timedelta(days=days_before)
        self._after = timedelta(days=days_after + 1)
        self._counts = actions.counts
        self._window = lru_cache(maxsize=64)(self._window_of)
        self._first_day, self._end_day, self._milliseconds = _NEVER
        self.own = Allow(lambda text: _are_times([text]), _are_times, actions.erase, actions.counts)
        self.column = Allow(self._shows_column, self._shows_all_of_column, self._erase, actions.counts)
        self.time = Allow(self._shows, self._shows_each, self._erase, actions.counts, lambda: self._milliseconds)
        self.minute: TextAction = actions.truncate(self._minute, self._erase)

    def around(self, taken: str, failed: str | None = None) -> None:
        """Set the window around times that begin with their day, `2026-01-31`; around other text no time is shown.

        `taken` is when the collector took the record. Where it failed later, the window ends after that.
        """
        self._first_day, self._end_day, self._milliseconds = self._window(taken[:10], (failed or taken)[:10])

    def _window_of(self, taken: str, failed: str) -> tuple[str, str, range]:
        try:
            days = date.fromisoformat(taken), date.fromisoformat(failed)
            first, end = min(days) - self._before, max(days) + self._after
        except (ValueError, OverflowError):
            return _NEVER
        return first.isoformat(), end.isoformat(), range(_midnight(first), _midnight(end))

    def _shows_column(self, text: str) -> bool:
        return self._shows_all_of_column([text])

    def _shows_all_of_column(self, texts: Iterable[Any]) -> bool:
        column = list(texts)
        return _are_times(column) and self._first_day <= min(column) and max(column) < self._end_day

    def _shows(self, text: str) -> bool:
        if text.isdigit():
            return text == "0" or (_MILLISECONDS(text) is not None and int(text) in self._milliseconds)
        match = _ISO(text)
        if match is None or (match[1] is not None and len(match[1]) > _LONGEST_FRACTION):
            return False
        return self._first_day <= text < self._end_day

    def _shows_each(self, texts: Iterable[Any]) -> bool:
        return all(map(self._shows, texts))

    def _minute(self, text: str) -> str | None:
        """Return the beginning of a time's minute, None for what is not a time within the window."""
        match = _ISO(text)
        if match is not None:
            is_near = self._first_day <= text < self._end_day
            return f"{text[:_MINUTE]}00{match[2] or ''}" if is_near else None
        if _MILLISECONDS(text) and int(text) in self._milliseconds:
            return str(int(text) // 60_000 * 60_000)
        return None

    def _erase(self, _text: str) -> str | None:
        self._counts.erased += 1
        self._counts.out_of_time += 1
        return None


def _are_times(texts: Iterable[Any]) -> bool:
    column = list(texts)
    try:
        lines = "\n".join([*column, ""]).encode()
    except UnicodeEncodeError:
        return False
    return lines.translate(_DIGITS_TO_ZEROS) == _SHAPE * len(column)


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000
