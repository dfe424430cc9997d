"""What `ops` says of a warehouse, as one table: completeness, freshness and quality, and whether all is in order."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scripts.snowflake_warehouse.migrations import Cursor

# A failing test of one of these severities makes the check fail; the others are shown.
_FAILING = frozenset({"P0", "P1"})


@dataclass(frozen=True, slots=True)
class Test:
    """One quality test; it fails when more than `threshold` was measured."""

    name: str
    measured: float
    threshold: float
    severity: str

    @property
    def failed(self) -> bool:
        """Whether it is out of order."""
        return self.measured > self.threshold


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answers; `doubtful` holds key and verdict of each object that is not in order."""

    tests: list[Test]
    doubtful: list[tuple[str, str]]
    rows: dict[str, int]
    last_load: dict[str, str | None]

    @property
    def in_order(self) -> bool:
        """Whether no test that matters at night failed."""
        return not any(test.failed and test.severity in _FAILING for test in self.tests)

    def as_dict(self) -> dict[str, object]:
        """Return what `--json` prints."""
        return {"in_order": self.in_order, **asdict(self)}


def ask(cursor: Cursor) -> Verdict:
    """Ask the warehouse's `ops` views."""
    return Verdict(
        tests=quality(cursor),
        doubtful=[
            (str(key), str(verdict))
            for key, verdict in rows(
                cursor, "select file_name, verdict from ops.load_ledger where verdict <> 'ok' order by file_name"
            )
        ],
        rows={
            str(prefix): int(count)
            for prefix, count in rows(
                cursor, "select prefix, sum(rows_in_table) from ops.load_ledger group by prefix order by prefix"
            )
        },
        last_load={
            str(table): None if last is None else f"{last:%Y-%m-%d %H:%M:%S}"
            for table, last in rows(cursor, "select table_name, last_load from ops.freshness order by table_name")
        },
    )


def quality(cursor: Cursor) -> list[Test]:
    """Return the quality tests, the gravest first."""
    return [
        Test(str(name), float(measured), float(threshold), str(severity))
        for name, measured, threshold, severity in rows(
            cursor, "select test, measured, threshold, severity from ops.quality order by severity, test"
        )
    ]


def rows(cursor: Cursor, query: str) -> list[Any]:
    """Return what a query gives."""
    cursor.execute(query)
    return cursor.fetchall()
