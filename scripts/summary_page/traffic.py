"""How much came: totals, by day and hour, by app, tracker and schema; and the data that the filter adds up."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

from scripts.summary_page.charts import bars
from scripts.summary_page.cube import DAYS, HOURS, total
from scripts.summary_page.markup import NOTHING, date, plain, share, shown, summed, table

if TYPE_CHECKING:
    from scripts.summary_page.cube import Cell, Cube

PERIODS = {"today": 1, "7 days": 7, "30 days": DAYS}
DIMENSIONS = {"app": "App", "tracker": "Tracker", "schema": "Schema"}


def days(cube: Cube) -> list[dt.date]:
    """Return the page's days, oldest first, the last one today."""
    return [cube.now.date() - dt.timedelta(days=back) for back in reversed(range(DAYS))]


def series(cube: Cube) -> dict[str, object]:
    """Return what the script adds up: [app, tracker, schema, kind, events of each day]; null is under five."""
    place = {day: at for at, day in enumerate(days(cube))}
    found: dict[tuple[str, str, str, str], list[int | None]] = defaultdict(lambda: [0] * DAYS)
    for each in cube.cells:
        if each.day in place:
            found[each.app, each.tracker, each.schema, each.kind][place[each.day]] = each.events
    return {"days": [str(day) for day in place], "series": [[*key, counts] for key, counts in found.items()]}


def totals(cube: Cube) -> str:
    """Return good, bad and share of each period, beside the period before it."""
    last = cube.now.date()
    rows = []
    for name, length in PERIODS.items():
        first = last - dt.timedelta(days=length - 1)
        now = [each for each in cube.cells if first <= each.day <= last]
        good, bad, both = _sums(now)
        before = [each for each in cube.cells if first - dt.timedelta(days=length) <= each.day < first]
        known = total([each.events for each in before]) if length * 2 <= DAYS else None
        change = f"{round(100 * ((both or 0) / known - 1)):+d} %" if known else NOTHING
        rows.append(
            [name, summed(good), summed(bad), summed(both), share(bad, both if good is not None else None), change]
        )
    ahead = total([each.events for each in cube.cells if each.day > last])
    note = f'<p class="alarm">A clock in the future: {summed(ahead)} events bear a later day.</p>' if ahead != 0 else ""
    columns = ["Period", "Good", "Bad", "Total", "Bad share", "Change"]
    return (
        f"<section><h2>Events</h2>{table('totals', 'Events by period (UTC)', columns, rows, ' nnnnn')}{note}"
        "<p>Counts of one to four are shown as &lt; 5 and are in no sum.</p></section>"
    )


def _sums(cells: list[Cell]) -> tuple[int | None, int | None, int | None]:
    """Return the sums of the good, of the bad and of both."""
    good = [each.events for each in cells if each.kind == "good"]
    bad = [each.events for each in cells if each.kind == "bad"]
    return total(good), total(bad), total([*good, *bad])


def by_time(cube: Cube) -> str:
    """Return the bars by day and by hour."""
    by_day: dict[tuple[dt.date, str], int] = defaultdict(int)
    for each in cube.cells:
        by_day[each.day, each.kind] += each.events or 0
    by_hour: dict[tuple[dt.datetime, str], int] = defaultdict(int)
    for hour in cube.hours:
        by_hour[hour.hour, hour.kind] += hour.events or 0
    newest = cube.now.replace(minute=0, second=0, microsecond=0)
    hours = [newest - dt.timedelta(hours=back) for back in reversed(range(HOURS))]
    marked = {str(each.first) for each in cube.policies}
    return (
        '<section><h2>Good and bad by time</h2><p class="key"><span class="good">■</span> good '
        '<span class="bad">■</span> bad, on top &nbsp; <span class="mark">▲</span> first day of a policy or key</p>'
        + bars("days", "By day", [(str(day), by_day[day, "good"], by_day[day, "bad"]) for day in days(cube)], marked)
        + bars(
            "hours", "By hour", [(f"{hour:%d %b %H:00}", by_hour[hour, "good"], by_hour[hour, "bad"]) for hour in hours]
        )
        + "</section>"
    )


def filters(cube: Cube) -> str:
    """Return the choices that the script listens to; without script they stay hidden."""
    choices = []
    for name, label in DIMENSIONS.items():
        options = "".join(f"<option>{plain(each)}</option>" for each in sorted(_values(cube, name)))
        choices.append(
            f'<label>{label} <select data-by="{name}"><option value="">all</option>{options}</select></label>'
        )
    return (
        f'<form id="filter" hidden><h2>Filter</h2>{"".join(choices)}<button type="reset">Show all</button>'
        '<p role="status" id="filtered"></p></form>'
    )


def tables(cube: Cube) -> str:
    """Return a table for each dimension, over the page's days."""
    parts = ["<section><h2>By app, tracker and schema</h2>"]
    last = cube.now.date()
    for name, label in DIMENSIONS.items():
        groups: dict[str, list[Cell]] = defaultdict(list)
        for each in cube.cells:
            if each.day <= last:
                groups[getattr(each, name)].append(each)
        rows = []
        for value, cells in groups.items():
            good, bad, both = _sums(cells)
            rows.append(
                (
                    both or 0,
                    [
                        shown(value),
                        summed(good),
                        summed(bad),
                        share(bad, both if good is not None else None),
                        date(max(each.day for each in cells)),
                    ],
                )
            )
        rows.sort(key=lambda row: -row[0])
        columns = [label, "Good", "Bad", "Bad share", "Last seen"]
        parts.append(table(f"by-{name}", f"By {name}, {DAYS} days", columns, [row for _, row in rows], " nnn "))
    return "".join([*parts, "</section>"])


def _values(cube: Cube, name: str) -> set[str]:
    return {getattr(each, name) for each in cube.cells}
