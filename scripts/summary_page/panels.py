"""Panels of how well it went: head, errors, pipeline, privacy, objectives."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from scripts.summary_page.cube import total
from scripts.summary_page.markup import NOT_MEASURED, NOTHING, date, number, plain, share, shown, summed, table

if TYPE_CHECKING:
    from scripts.summary_page.cube import Cube, ErrorGroup

# More rows make the page long and slow to open, and nobody reads them: the rest is in the warehouse.
SHOWN_GROUPS = 100
_PRIVACY_TESTS = frozenset({"readable_identity", "pseudonym_form", "whole_row", "not_stamped"})
_FRESH_SECONDS = 15 * 60
_SMALL = 5  # rows below which an hour is not shown


def head(cube: Cube) -> str:
    """Return what one reads first."""
    facts = {
        "Made": f"{cube.now:%Y-%m-%d %H:%M} UTC",
        "Data up to": _time(cube.last_event),
        "Last load": _time(cube.last_load),
        "Complete, 48 hours": _completeness(cube),
        "Canary last loaded": _time(cube.canary) if cube.canary else NOT_MEASURED,
        "Rows that break the promise": _leaks(cube),
    }
    return f"<dl>{''.join(f'<div><dt>{name}</dt><dd>{value}</dd></div>' for name, value in facts.items())}</dl>"


def errors(cube: Cube) -> str:
    """Return the commonest errors; scans of bots are folded apart."""
    groups = [each for each in cube.errors if not each.scan]
    scans = [each for each in cube.errors if each.scan]
    whole = total([each.failures for each in groups])
    rows = [_error_row(cube, each, whole) for each in groups[:SHOWN_GROUPS]]
    columns = ["Error", "Schema", "Rule and path", "Failures", "Share", "First", "Last", "SQL"]
    rest = len(groups) - len(rows)
    note = f"<p>{rest:,} rarer groups are not shown: <code>select * from ops.error_groups</code>.</p>" if rest else ""  # noqa: S608 - text, runs nowhere
    folded = f"<p>Scans by bots, apart: {summed(total([each.failures for each in scans]))} failures.</p>"
    return (
        '<section><h2>Commonest errors</h2><p id="find" hidden><label>Find <input type="search"></label></p>'
        f"{table('errors', 'Failed events by group', columns, rows, '   nn')}{note}{folded}</section>"
    )


def _error_row(cube: Cube, each: ErrorGroup, whole: int | None) -> list[str]:
    new = ' <b class="new">new</b>' if each.first >= cube.now.date() - dt.timedelta(days=1) else ""
    return [
        shown(each.text or each.error or each.kind) + new,
        shown(each.schema),
        shown(" ".join(filter(None, [each.keyword, each.path]))),
        number(each.failures),
        share(each.failures, whole),
        date(each.first),
        date(each.last),
        f"<details><summary>SQL</summary><pre>{plain(query(each))}</pre></details>",
    ]


def query(each: ErrorGroup) -> str:
    """Return the query of a group's failures; a text with a shortened pseudonym is left out of it."""
    columns = {
        "failure_kind": each.kind, "schema_key": each.schema, "error": each.error, "keyword": each.keyword,
        "json_path": each.path, "explanation": each.text,
    }  # fmt: skip
    conditions = [
        f"{name} = {_literal(value)}" if value else f"{name} is null"
        for name, value in columns.items()
        if "…" not in value
    ]
    return "select * from events.failures where " + " and ".join(conditions)  # noqa: S608 - text, runs nowhere


def _literal(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def pipeline(cube: Cube) -> str:
    """Return completeness by hour and freshness by day."""
    hours = [
        [f"{each.hour:%Y-%m-%d %H:00}", shown(each.prefix),
         NOT_MEASURED if each.delivered is None else f"{each.delivered:,}", f"{each.rows:,}", f"{each.doubtful:,}"]
        for each in reversed(cube.deliveries) if each.rows >= _SMALL
    ]  # fmt: skip
    fresh = [
        [date(each.day), *(_seconds(one) for one in (each.p50, each.p95, each.longest))] for each in cube.freshness
    ]
    return (
        "<section><h2>Pipeline</h2>"
        + table(
            "hours-loaded",
            "Delivered and loaded by hour",
            ["Hour", "Prefix", "Delivered", "Rows", "Objects in doubt"],
            hours,
            "  nnn",
        )
        + table(
            "freshness",
            "From collector to table by day",
            ["Day", "Half within", "95 % within", "All within"],
            fresh[::-1],
            " nnn",
        )
        + "</section>"
    )


def privacy(cube: Cube) -> str:
    """Return policies, keys and the quality tests."""
    used = [
        [shown(each.version), shown(each.key), number(each.events), date(each.first), date(each.last)]
        for each in cube.policies
    ]
    tests = [
        [
            each.name.replace("_", " "),
            f"{each.measured:g}",
            f"{each.threshold:g}",
            each.severity,
            _verdict(not each.failed),
        ]
        for each in cube.tests
    ]
    return (
        "<section><h2>Privacy and quality</h2>"
        + table("policies", "Policies and keys in use", ["Policy", "Key", "Events", "First", "Last"], used, "  n")
        + table("tests", "Tests of the warehouse", ["Test", "Measured", "At most", "Severity", "Verdict"], tests, " nn")
        + f"<p>Quarantined events are not in the warehouse: {NOT_MEASURED} here.</p></section>"
    )


def objectives(cube: Cube) -> str:
    """Return the objectives of the design, and which part of the budget is left."""
    fresh = [each for each in cube.freshness if each.p95 <= _FRESH_SECONDS]
    counted = [each for each in cube.errors if each.failures is not None]
    failures = sum(each.failures or 0 for each in counted)
    explained = sum(each.failures or 0 for each in counted if each.text or each.error)
    rows = [
        ["Events are accepted", "99.95 %", NOT_MEASURED, NOTHING],
        [
            "In the warehouse within 15 minutes (95 %)",
            "each day",
            f"{len(fresh)} of {len(cube.freshness)} days" if cube.freshness else NOT_MEASURED,
            NOTHING,
        ],
        ["Complete, 48 hours", "99.99 %", *_budget(*_delivered(cube), 0.9999)],
        ["Nothing identifying", "0 rows", _leaks(cube), "no budget"],
        ["Failures are explained", "95 %", *_budget(explained, failures, 0.95)],
    ]
    columns = ["Objective", "Target", "Measured", "Budget left"]
    return f"<section><h2>Objectives</h2>{table('objectives', 'Objectives', columns, rows)}</section>"


def _budget(good: int, whole: int, target: float) -> list[str]:
    if not whole:
        return [NOT_MEASURED, NOTHING]
    left = 1 - (1 - min(good / whole, 1)) / (1 - target)
    return [f"{100 * good / whole:.2f} %", f"{100 * left:.0f} %" if left >= 0 else '<b class="alarm">none</b>']


def _delivered(cube: Cube) -> tuple[int, int]:
    counted = [each for each in cube.deliveries if each.delivered is not None]
    return sum(each.rows for each in counted), sum(each.delivered or 0 for each in counted)


def _completeness(cube: Cube) -> str:
    rows, delivered = _delivered(cube)
    return f"{100 * rows / delivered:.2f} %" if delivered else NOT_MEASURED


def _leaks(cube: Cube) -> str:
    found = sum(each.measured for each in cube.tests if each.name in _PRIVACY_TESTS)
    return f'<b class="alarm">{found:g}</b>' if found else "0"


def _verdict(fine: bool) -> str:
    return "in order" if fine else '<b class="alarm">out of order</b>'


def _time(moment: dt.datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "nothing yet"


def _seconds(value: float) -> str:
    return f"{value:,.0f} s"
