"""The warehouse of a rehearsal: the embedded one, its migrations, and the stand-in for Snowpipe that fills it.

The queue is Snowflake's on AWS, outside of our account: here it is made before the environment, which is given its ARN.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from scripts.rehearsal.errors import RehearsalError
from scripts.snowflake_warehouse import embedded, migrations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import duckdb

    from scripts.rehearsal.ledger import Destination

QUEUE = "snowpipe"
LOAD_SECONDS = 60.0
POLL_SECONDS = 0.5
TABLES: dict[str, tuple[Destination, ...]] = {
    "gitlab_events": ("output",),
    "gitlab_bad_events": ("enriched-bad", "raw-bad"),
}


class Warehouse:
    """An embedded warehouse in a directory, and its loader's process."""

    def __init__(self, folder: Path, journal: Path, root: Path) -> None:
        self.folder = folder
        self.journal = journal
        self._root = root
        self.process: subprocess.Popen[bytes] | None = None

    def migrate(self, say: Callable[[str], None]) -> None:
        """Run the migrations that the warehouse lacks. Raises RehearsalError."""
        try:
            with embedded.connect(self.folder) as cursor:
                for each in migrations.pending(cursor, migrations.read(embedded.VALUES)):
                    migrations.apply(cursor, each, embedded.SKIPPED_KINDS, say)
        except migrations.MigrationError as problem:
            raise RehearsalError(f"warehouse: {problem}") from problem

    def start_loader(self, queue_url: str, ambient: dict[str, str]) -> None:
        """Start the stand-in for Snowpipe."""
        command = [sys.executable, "-m", "snowveil_snowpipe", "--warehouse", str(embedded.file_of(self.folder))]
        command += ["--migrations", str(migrations.FOLDER), "--queue", queue_url]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        with self.journal.open("ab") as journal:
            self.process = subprocess.Popen(
                command,
                env=inherited | ambient | {"PYTHONPATH": str(self._root / "localstack")},
                stdout=journal,
                stderr=subprocess.STDOUT,
            )

    def wait_until_loaded(self, delivered: dict[Destination, int], say: Callable[[str], None]) -> dict[str, int]:
        """Wait until every table has the rows that were delivered; return what it has. Raises RehearsalError."""
        expected = {table: sum(delivered[prefix] for prefix in prefixes) for table, prefixes in TABLES.items()}
        deadline = time.monotonic() + LOAD_SECONDS
        while (rows := self.counts()) != expected:
            say(", ".join(f"{table} {rows[table]}/{expected[table]}" for table in TABLES))
            if self.process is not None and self.process.poll() is not None:
                raise RehearsalError(f"the warehouse's loader ended: see {self.journal}")
            if time.monotonic() > deadline:
                raise RehearsalError(f"the warehouse holds {rows}, not {expected}: see {self.journal}")
            time.sleep(POLL_SECONDS)
        return rows

    def counts(self) -> dict[str, int]:
        """Return the rows of each table."""
        with embedded.reader(self.folder) as database:
            return {
                table: int(_all(database, f"select count(*) from snowplow.{table}")[0][0])  # noqa: S608 - our names
                for table in TABLES
            }

    def first_query(self) -> tuple[str, list[tuple[Any, ...]]]:
        """Return a query and its answer: what happened most."""
        query = (
            "select app_id, event_name, count(*) as events from events.events group by app_id, event_name "
            "order by events desc, event_name limit 3"
        )
        with embedded.reader(self.folder) as database:
            return query, _all(database, query)

    def contents(self) -> Iterator[tuple[str, bytes]]:
        """Yield every table and view with all that it holds, for the search for canaries."""
        with embedded.reader(self.folder) as database:
            names = _all(
                database,
                "select table_schema || '.' || table_name from information_schema.tables "
                "where lower(table_schema) in ('snowplow', 'linked', 'events', 'ops') order by 1",
            )
            for (name,) in names:
                rows = _all(database, f"select * from {name}")  # noqa: S608 - the catalogue's names
                yield f"warehouse {name}", "\n".join(map(repr, rows)).encode()

    def stop(self) -> None:
        """Stop the loader; the warehouse's file stays."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


def _all(database: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return database.execute(query).fetchall()
