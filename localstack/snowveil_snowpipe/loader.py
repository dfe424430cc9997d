"""Load one object as Snowpipe does: by its pipe's COPY, once by its name, what cannot be read counted and named.

An object's rows and its entry in the load history are one transaction: a loader that is killed has loaded an object
as a whole or not at all. As Snowpipe, it knows an object by its name for 14 days, even when it was written anew.
"""

from __future__ import annotations

import datetime as dt
import gzip
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from snowveil_snowpipe.pipes import Pipe

type Status = Literal["LOADED", "PARTIALLY_LOADED", "LOAD_FAILED", "SKIPPED"]

_REMEMBERED = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class LakeObject:
    """An object of the lake, fetched; `contents` are its bytes as stored."""

    key: str
    modified: dt.datetime
    contents: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for an object; SKIPPED: an object of this name was loaded in the last 14 days, or no pipe reads it."""

    key: str
    status: Status
    rows_parsed: int = 0
    rows_loaded: int = 0


def load(database: duckdb.DuckDBPyConnection, pipes: Sequence[Pipe], each: LakeObject) -> Outcome:
    """Load an object by the pipe of its prefix; commit, or change nothing."""
    pipe = _pipe_of(pipes, each.key)
    now = _now()
    if pipe is None or _is_remembered(database, pipe, each.key, now):
        return Outcome(each.key, "SKIPPED")
    read = _lines(each.contents)
    if read is None:
        return _refused(database, pipe, each.key, now)
    lines, parsed = read
    outcome = Outcome(each.key, "LOADED" if lines.num_rows == parsed else "PARTIALLY_LOADED", parsed, lines.num_rows)
    modified = each.modified.astimezone(dt.UTC).replace(tzinfo=None)
    database.register("lines", lines)
    database.execute("begin transaction")
    try:
        database.execute(pipe.insert, {"load_tstamp": now, "file_name": each.key, "file_modified": modified})
        _remember(database, pipe, outcome, now)
        database.execute("commit")
    except BaseException:
        database.execute("rollback")
        raise
    finally:
        database.unregister("lines")
    return outcome


def refuse(database: duckdb.DuckDBPyConnection, pipes: Sequence[Pipe], key: str) -> Outcome:
    """Remember that an object that was announced is not there."""
    pipe, now = _pipe_of(pipes, key), _now()
    if pipe is None or _is_remembered(database, pipe, key, now):
        return Outcome(key, "SKIPPED")
    return _refused(database, pipe, key, now)


def _refused(database: duckdb.DuckDBPyConnection, pipe: Pipe, key: str, now: dt.datetime) -> Outcome:
    outcome = Outcome(key, "LOAD_FAILED")
    _remember(database, pipe, outcome, now)
    return outcome


def _remember(database: duckdb.DuckDBPyConnection, pipe: Pipe, outcome: Outcome, now: dt.datetime) -> None:
    database.execute(
        "insert into ops.load_history (file_name, table_name, status, rows_parsed, rows_loaded, loaded_at) "
        "values (?, ?, ?, ?, ?, ?)",
        [outcome.key, _table_name(pipe), outcome.status, outcome.rows_parsed, outcome.rows_loaded, now],
    )


def _pipe_of(pipes: Sequence[Pipe], key: str) -> Pipe | None:
    return next((pipe for pipe in pipes if key.startswith(pipe.prefix)), None)


def _table_name(pipe: Pipe) -> str:
    return pipe.table.rpartition(".")[2]


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def _is_remembered(database: duckdb.DuckDBPyConnection, pipe: Pipe, key: str, now: dt.datetime) -> bool:
    # A failed object is tried again when a message names it again, as a COPY would.
    database.execute(
        "select 1 from ops.load_history where file_name = ? and table_name = ? and loaded_at > ? "
        "and status <> 'LOAD_FAILED' limit 1",
        [key, _table_name(pipe), now - _REMEMBERED],
    )
    return database.fetchone() is not None


def _lines(contents: bytes) -> tuple[pa.Table, int] | None:
    """Return the lines that are UTF-8 with their numbers from 1, and the count of all; None when it is not GZIP."""
    try:
        raw = gzip.decompress(contents).removesuffix(b"\n")
    except (OSError, EOFError, zlib.error):
        return None
    lines = pc.split_pattern(pa.array([raw] if raw else [], pa.large_binary()), pattern=b"\n").flatten()
    rows = pa.array(range(1, len(lines) + 1), pa.int64())
    table = pa.table({"line": lines, "file_row": rows})
    try:
        return _as_text(table), len(lines)
    except pa.ArrowInvalid:
        # What is missing then is counted: rows_parsed is greater than rows_loaded.
        return _as_text(table.filter(pa.array([_is_text(line.as_py()) for line in lines]))), len(lines)


def _as_text(table: pa.Table) -> pa.Table:
    return table.set_column(0, "line", table["line"].cast(pa.large_string()))


def _is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
