"""What the page shows, read from the `ops` views alone: counts and groups, never an event.

A count of None is one to four: shown as "< 5" and in no sum. What is not measured is None where a time is meant.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scripts.snowflake_warehouse.verdict import quality, rows

if TYPE_CHECKING:
    from scripts.snowflake_warehouse.migrations import Cursor
    from scripts.snowflake_warehouse.verdict import Test

DAYS = 30
HOURS = 48
_PSEUDONYM = re.compile(r"[0-9a-f]{64}")
_PSEUDONYM_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Cell:
    """Events of a day, app, tracker and schema; `kind` is good or bad."""

    day: dt.date
    app: str
    tracker: str
    schema: str
    kind: str
    events: int | None


@dataclass(frozen=True, slots=True)
class Hour:
    """Events of an hour and app."""

    hour: dt.datetime
    app: str
    kind: str
    events: int | None


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Failures of one kind, schema, error, keyword, path and text."""

    kind: str
    schema: str
    error: str
    keyword: str
    path: str
    text: str
    scan: bool
    failures: int | None
    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy's version and a key that events bear."""

    version: str
    key: str
    events: int | None
    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Delivery:
    """An hour of a prefix of the lake: `delivered` is None when nobody counted it."""

    prefix: str
    hour: dt.datetime
    delivered: int | None
    rows: int
    doubtful: int


@dataclass(frozen=True, slots=True)
class Freshness:
    """Seconds from collector to table on a day."""

    day: dt.date
    p50: float
    p95: float
    longest: float


@dataclass(frozen=True, slots=True)
class Cube:
    """All of it; `now` is UTC without a zone, as the warehouse's times are."""

    environment: str
    now: dt.datetime
    cells: list[Cell]
    hours: list[Hour]
    errors: list[ErrorGroup]
    policies: list[Policy]
    deliveries: list[Delivery]
    freshness: list[Freshness]
    tests: list[Test]
    last_event: dt.datetime | None
    last_load: dt.datetime | None
    canary: dt.datetime | None


def read(cursor: Cursor, environment: str, now: dt.datetime) -> Cube:
    """Ask the warehouse. Days after `now` are kept: a clock in the future is shown, not hidden."""
    since, since_hour = f"'{now.date() - dt.timedelta(days=DAYS - 1)}'", f"'{now - dt.timedelta(hours=HOURS)}'"
    freshness = rows(cursor, "select max(last_event), max(last_load) from ops.freshness")[0]
    errors = [
        ErrorGroup(
            text(kind),
            text(schema),
            text(error),
            text(keyword),
            text(path),
            text(explanation),
            bool(scan),
            _count(failures),
            _date(first),
            _date(last),
        )
        for kind, schema, error, keyword, path, explanation, scan, failures, first, last in rows(
            cursor,
            "select failure_kind, schema_key, error, keyword, json_path, explanation, is_scan, failures, first_day,"  # noqa: S608 - dates only
            f" last_day from ops.error_groups where last_day >= {since}",
        )
    ]
    return Cube(
        environment=environment,
        now=now,
        cells=[
            Cell(_date(day), text(app), text(tracker), text(schema), str(kind), _count(events))
            for day, app, tracker, schema, kind, events in rows(
                cursor,
                "select day, app_id, v_tracker, schema_name, kind, events from ops.daily_counts"  # noqa: S608 - dates only
                f" where day >= {since} order by day, app_id, v_tracker, schema_name, kind",
            )
        ],
        hours=[
            Hour(hour, text(app), str(kind), _count(events))
            for hour, app, kind, events in rows(
                cursor,
                f"select hour, app_id, kind, events from ops.hourly_counts where hour >= {since_hour}",  # noqa: S608 - dates only
            )
        ],
        errors=sorted(_shortened(errors), key=lambda each: (-(each.failures or 0), each.schema, each.text)),
        policies=[
            Policy(text(version), text(key), _count(events), _date(first), _date(last))
            for version, key, events, first, last in rows(
                cursor, "select policy_version, key_id, events, first_day, last_day from ops.policies_in_use order by 5"
            )
        ],
        deliveries=[
            Delivery(text(prefix), hour, _count(delivered), int(rows), int(doubtful))
            for prefix, hour, delivered, rows, doubtful in rows(
                cursor,
                "select prefix, hour, delivered, rows_in_table, objects_in_doubt from ops.completeness"  # noqa: S608 - dates only
                f" where hour >= {since_hour} order by hour, prefix",
            )
        ],
        freshness=[
            Freshness(_date(day), float(p50), float(p95), float(longest))
            for day, p50, p95, longest in rows(
                cursor,
                "select day, p50_seconds, p95_seconds, max_seconds from ops.daily_freshness"  # noqa: S608 - dates only
                f" where day >= {since} order by day",
            )
        ],
        tests=quality(cursor),
        last_event=freshness[0],
        last_load=freshness[1],
        canary=rows(cursor, "select last_loaded from ops.canary_seen")[0][0],
    )


def total(events: list[int | None]) -> int | None:
    """Add what may be seen; None when there is something and all of it is under five."""
    seen = [each for each in events if each is not None]
    return sum(seen) if seen or not events else None


def text(value: object) -> str:
    """Return a value as the page shows it: pseudonyms by their first 8 digits, nothing for null."""
    return "" if value is None else _PSEUDONYM.sub(lambda found: f"{found[0][:_PSEUDONYM_DIGITS]}…", str(value))


def _shortened(errors: list[ErrorGroup]) -> list[ErrorGroup]:
    """Join groups that differ in nothing but digits of pseudonyms which are not shown."""
    joined: dict[tuple[object, ...], ErrorGroup] = {}
    for each in errors:
        key = (each.kind, each.schema, each.error, each.keyword, each.path, each.text, each.scan)
        known = joined.get(key)
        joined[key] = each if known is None else replace(
            known,
            failures=total([known.failures, each.failures]),
            first=min(known.first, each.first),
            last=max(known.last, each.last),
        )  # fmt: skip
    return list(joined.values())


def _count(value: Any) -> int | None:
    return None if value is None else int(value)


def _date(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value
