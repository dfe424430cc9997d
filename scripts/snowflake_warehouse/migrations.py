"""The migrations of `warehouse/snowflake`: `V0001__name.sql` once and in order, `R__name.sql` whenever it changed.

Snowflake commits each statement of DDL by itself, so a migration that fails has half happened. The table
`snowplow.snowveil_migrations` therefore counts the statements that ran: the next run goes on with the one that failed,
and refuses when one of those that ran was edited since.
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from snowflake.connector.util_text import split_statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

FOLDER = Path(__file__).parent.parent.parent / "warehouse/snowflake"

_NAME = re.compile(r"(?:V(?P<version>\d{4})|R)__(?P<title>[a-z0-9_]+)\.sql")
_PLACE = re.compile(r"\{\{ ([a-z_]+) \}\}")
_KIND = re.compile(
    r"(?:create|alter|drop)\s+(?:or\s+(?:replace|alter)\s+)?(?:secure\s+)?"
    r"(?P<object>storage\s+integration|file\s+format|masking\s+policy|resource\s+monitor|network\s+policy|[a-z]+)"
    r"|(?P<verb>[a-z]+)",
    re.IGNORECASE,
)

_TABLE = """create table if not exists snowplow.snowveil_migrations (
    name varchar, checksum varchar, statements number(6, 0), complete boolean, applied_at timestamp_ntz(3)
)"""


class MigrationError(Exception):
    """A migration cannot be read or applied; the line names file, statement and remedy."""


class Cursor(Protocol):
    """What is used of a DB-API cursor."""

    @property
    def description(self) -> Sequence[Any] | None:
        """The columns of the last statement's rows; each has a name."""

    def execute(self, command: str, params: Sequence[Any] | None = None, /) -> Any:
        """Run one statement."""

    def fetchall(self) -> list[Any]:
        """Return the rows of the last statement."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement; `kind` is what it creates (`pipe`, `file format`) or its verb (`grant`)."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    name: str
    repeatable: bool
    statements: tuple[Statement, ...]

    def checksum(self, statements: int | None = None) -> str:
        """Return the SHA-256 of the first statements, or of all."""
        texts = [statement.text for statement in self.statements[:statements]]
        return hashlib.sha256("\0".join(texts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Pending:
    """A migration to apply, from the statement on that did not run yet."""

    migration: Migration
    first: int = 0


def read(values: Mapping[str, str], folder: Path = FOLDER) -> list[Migration]:
    """Read the migrations in their order, `{{ name }}` replaced from `values`. Raises MigrationError."""
    found: dict[str, Migration] = {}
    versions: dict[str, str] = {}
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise MigrationError(f"{path.name}: the name is neither V0001__title.sql nor R__title.sql")
        version = match["version"]
        if version and version in versions:
            raise MigrationError(
                f"{path.name}: version {version} is also that of {versions[version]}: take the next one"
            )
        if version:
            versions[version] = path.name
        found[path.name] = Migration(path.name, version is None, _statements(path, values))
    if not found:
        raise MigrationError(f"{folder.name}: there is no migration in it")
    # V before R: what is repeated stands on what is created once.
    return sorted(found.values(), key=lambda each: (each.repeatable, each.name))


def pending(cursor: Cursor, migrations: Sequence[Migration]) -> list[Pending]:
    """Return what a target has still to run, in order. Raises MigrationError when an applied version was edited."""
    applied = _applied(cursor)
    for name in sorted(set(applied) - {each.name for each in migrations}):
        if name.startswith("V"):
            raise MigrationError(f"{name}: was applied and is gone from the folder: restore it")
    found = []
    for migration in migrations:
        checksum, statements, complete = applied.get(migration.name, ("", 0, False))
        if migration.repeatable:
            if not complete or checksum != migration.checksum():
                found.append(Pending(migration))
            continue
        if statements and (
            checksum != migration.checksum(statements) or (complete and statements != len(migration.statements))
        ):
            raise MigrationError(f"{migration.name}: changed after it was applied: restore it, write a new version")
        if not complete:
            found.append(Pending(migration, statements))
    return found


def apply(cursor: Cursor, each: Pending, skipped_kinds: frozenset[str], say: Callable[[str], None]) -> list[Statement]:
    """Run a migration and remember it; return the statements that the target cannot run and that were skipped.

    Raises MigrationError at the first statement that fails: those before it are remembered, the next run goes on there.
    """
    migration, skipped = each.migration, []
    for number, statement in enumerate(migration.statements[each.first :], each.first + 1):
        if statement.kind in skipped_kinds:
            skipped.append(statement)
            continue
        say(f"{migration.name} {number}/{len(migration.statements)}")
        try:
            cursor.execute(statement.text)
        except Exception as problem:  # the drivers' errors have no common ancestor but this
            _remember(cursor, migration, number - 1, complete=False)
            reason = " ".join(str(problem).split())
            raise MigrationError(
                f"{migration.name}: statement {number} ({statement.kind}) failed: {reason}. Mend it and run again: "
                f"the {number - 1} before it stay."
            ) from problem
    _remember(cursor, migration, len(migration.statements), complete=True)
    return skipped


def _applied(cursor: Cursor) -> dict[str, tuple[str, int, bool]]:
    """Return checksum, statements and completeness of what was applied; nothing on a warehouse that is new."""
    cursor.execute(
        "select count(*) from information_schema.tables "
        "where table_schema = 'SNOWPLOW' and table_name = 'SNOWVEIL_MIGRATIONS'"
    )
    if not cursor.fetchall()[0][0]:
        return {}
    cursor.execute("select name, checksum, statements, complete from snowplow.snowveil_migrations")
    return {row[0]: (row[1], int(row[2]), bool(row[3])) for row in cursor.fetchall()}


def _remember(cursor: Cursor, migration: Migration, statements: int, *, complete: bool) -> None:
    cursor.execute("create schema if not exists snowplow")
    cursor.execute(_TABLE)
    cursor.execute("delete from snowplow.snowveil_migrations where name = %s", (migration.name,))
    cursor.execute(
        "insert into snowplow.snowveil_migrations select %s, %s, %s, %s, current_timestamp()::timestamp_ntz",
        (migration.name, migration.checksum(statements), statements, complete),
    )


def _statements(path: Path, values: Mapping[str, str]) -> tuple[Statement, ...]:
    text = path.read_text("utf-8")
    for name in _PLACE.findall(text):
        if name not in values:
            raise MigrationError(f"{path.name}: {{{{ {name} }}}} has no value: set warehouse.{name} of the environment")
    text = _PLACE.sub(lambda place: values[place[1]], text)
    return tuple(Statement(each, _kind(path.name, each)) for each in _split(text))


def _split(text: str) -> Iterator[str]:
    for statement, _ in split_statements(io.StringIO(text), remove_comments=True):
        stripped = (statement or "").strip().rstrip(";").strip()
        if stripped:
            yield stripped


def _kind(name: str, statement: str) -> str:
    match = _KIND.match(statement)
    if match is None:
        raise MigrationError(f"{name}: cannot tell what this statement is: {statement[:60]}")
    return " ".join((match["object"] or match["verb"]).lower().split())
