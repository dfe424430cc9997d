from __future__ import annotations

import datetime as dt
import gzip
import itertools
import json
import os
import signal
import subprocess
import sys
import textwrap
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from snowveil_snowpipe import loader, pipes
from snowveil_snowpipe.loader import LakeObject, Outcome
from snowveil_snowpipe.pipes import PipeError

from scripts.snowflake_warehouse import embedded
from scripts.snowflake_warehouse.migrations import FOLDER
from wire.columns import COLUMNS, INDEX, Column, ColumnKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PIPES = pipes.read(FOLDER)
_MODIFIED = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
_NUMBERS = itertools.count()
_FIRST_TIME = dt.datetime.fromisoformat("0001-01-01")
_KEY = "output/2026/01/02/03/stream-1.gz"
_BAD = "enriched-bad/2026/01/02/03/stream-1.gz"


@pytest.fixture
def database(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(str(embedded.file_of(warehouse)))
    connection.execute(embedded.LAMBDAS_OF_VIEWS)
    yield connection
    connection.close()


def _event(**cells: str) -> str:
    row = [""] * len(COLUMNS)
    for name, cell in cells.items():
        row[INDEX[name]] = cell
    return "\t".join(row)


def _load(database: duckdb.DuckDBPyConnection, *lines: str, key: str = _KEY) -> Outcome:
    contents = gzip.compress("".join(f"{line}\n" for line in lines).encode())
    return loader.load(database, _PIPES, LakeObject(key, _MODIFIED, contents))


def _verdicts(database: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return dict(database.execute("select file_name, verdict from ops.load_ledger").fetchall())


def test_the_first_and_the_last_column_arrive_and_the_row_says_where_it_came_from(
    database: duckdb.DuckDBPyConnection,
) -> None:
    _load(database, _event(app_id="gitlab"), _event(app_id="gitlab", true_tstamp="2026-01-02 03:04:05.678"))
    assert database.execute(
        "select app_id, true_tstamp, file_name, file_row, file_modified, unread_cells "
        "from snowplow.gitlab_events where file_row = 2"
    ).fetchall() == [
        ("gitlab", dt.datetime.fromisoformat("2026-01-02 03:04:05.678"), _KEY, 2, _MODIFIED.replace(tzinfo=None), 0)
    ]


# Texts as the pseudonymizer may deliver them: no tab, no line break of its own, the rest of Unicode.
_TEXT = st.text(
    st.characters(exclude_characters="\t\n", exclude_categories=["Cs"]), min_size=1, max_size=40
) | st.sampled_from(
    ["\\N", "\\", '"', "'", '\\"', "\u2028", "\r", "\x00", "\x01", "NULL", "null", " ", "é", "x" * 9000]
)


def _cell(column: Column) -> st.SearchStrategy[str]:
    match column.kind:
        case ColumnKind.STRING:
            return _TEXT
        case ColumnKind.INTEGER:
            return st.integers(-(10**10) + 1, 10**10 - 1).map(str)
        case ColumnKind.DECIMAL:
            return st.decimals(-(10**12), 10**12, places=6).map(str)
        case ColumnKind.FLOAT:
            return st.floats(allow_nan=False, allow_infinity=False).map(repr)
        case ColumnKind.BYTE:
            return st.sampled_from(["0", "1"])
        case ColumnKind.TIMESTAMP:
            return st.integers(0, 9998 * 365 * 86_400_000).map(
                lambda each: (_FIRST_TIME + dt.timedelta(milliseconds=each)).isoformat(" ", "milliseconds")
            )
        case ColumnKind.JSON:
            return st.dictionaries(
                _TEXT, st.recursive(_TEXT | st.integers() | st.booleans() | st.none(), st.lists)
            ).map(lambda each: json.dumps({"schema": "iglu:a/b/jsonschema/1-0-0", "data": each}, ensure_ascii=False))


_ROWS = st.fixed_dictionaries({}, optional={column.name: _cell(column) for column in COLUMNS})


def _equal(column: Column, cell: str, value: object) -> bool:
    match column.kind:
        case ColumnKind.STRING:
            return value == cell
        case ColumnKind.INTEGER:
            return value == int(cell)
        case ColumnKind.DECIMAL:
            return value == Decimal(cell)
        case ColumnKind.FLOAT:
            return value == float(cell)
        case ColumnKind.BYTE:
            return value == (cell == "1")
        case ColumnKind.TIMESTAMP:
            return isinstance(value, dt.datetime) and value.isoformat(" ", "milliseconds") == cell
        case ColumnKind.JSON:
            return isinstance(value, str) and json.loads(value) == json.loads(cell)


@given(rows=st.lists(_ROWS, min_size=1, max_size=3))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_table_gives_back_what_the_line_held_column_by_column(
    database: duckdb.DuckDBPyConnection, rows: Sequence[dict[str, str]]
) -> None:
    key = f"output/2026/01/02/03/{next(_NUMBERS)}.gz"
    _load(database, *(_event(**row) for row in rows), key=key)
    names = ", ".join(column.name for column in COLUMNS)
    stored = database.execute(
        f"select {names}, unread_cells from snowplow.gitlab_events where file_name = ? order by file_row",  # noqa: S608
        [key],
    ).fetchall()
    assert len(stored) == len(rows)
    for row, values in zip(rows, stored, strict=True):
        for column, value in zip(COLUMNS, values[:-1], strict=True):
            cell = row.get(column.name)
            assert value is None if cell is None else _equal(column, cell, value), (column.name, cell, value)
        assert values[-1] == 0


@pytest.mark.parametrize(
    ("line", "unread", "whole_row"),
    [
        ('{"rawData": "user@example.com"}', 0, 1),  # a whole record in clear
        ("gitlab\tweb", 0, 1),  # a short row
        (_event(app_id="gitlab", event="pv", event_id="e", collector_tstamp="2026-01-02 03:04:05.678") + "\tx", 1, 0),
        (_event(event="pv", event_id="e", collector_tstamp="no time"), 1, 1),
        (_event(contexts='{"schema": ', domain_sessionidx="x", dvce_ismobile="2"), 3, 1),
        ("", 0, 1),
    ],
)
def test_unusable_line_is_one_row_that_a_test_counts(
    database: duckdb.DuckDBPyConnection, line: str, unread: int, whole_row: int
) -> None:
    assert _load(database, line, _event(app_id="gitlab")) == Outcome(_KEY, "LOADED", 2, 2)
    assert database.execute("select unread_cells from snowplow.gitlab_events where file_row = 1").fetchall() == [
        (unread,)
    ]
    measured = dict(database.execute("select test, measured from ops.quality").fetchall())
    assert measured["whole_row"] == whole_row + 1  # the second line has no event either
    assert measured["unread_cells"] == (1 if unread else 0)


def test_an_identity_in_clear_is_counted(database: duckdb.DuckDBPyConnection) -> None:
    _load(
        database, _event(se_label="alice@example.com"), _event(se_property="from 203.0.113.9"), _event(se_label="1.2.3")
    )
    measured = dict(database.execute("select test, measured from ops.quality").fetchall())
    assert measured["readable_identity"] == 2
    assert measured["pseudonym_form"] == 3


@pytest.mark.parametrize(
    "contents",
    [b"no gzip", gzip.compress(b"a\tb\n")[:-9], gzip.compress(b"a\tb\n")[:12], gzip.compress(b"a\tb\n")[:-1]],
    ids=["other bytes", "cut in its checksum", "cut in its data", "cut at its end"],
)
def test_object_that_is_not_gzip_fails_by_name_and_is_tried_again(
    database: duckdb.DuckDBPyConnection, contents: bytes
) -> None:
    assert loader.load(database, _PIPES, LakeObject(_KEY, _MODIFIED, contents)).status == "LOAD_FAILED"
    assert _verdicts(database) == {_KEY: "failed"}
    assert _load(database, _event()).status == "LOADED"
    assert _verdicts(database) == {_KEY: "ok"}


def test_line_that_is_not_utf8_is_counted_and_costs_no_other(database: duckdb.DuckDBPyConnection) -> None:
    contents = gzip.compress(_event(app_id="gitlab").encode() + b"\n\xff\xfe\n" + _event().encode() + b"\n")
    assert loader.load(database, _PIPES, LakeObject(_KEY, _MODIFIED, contents)) == Outcome(
        _KEY, "PARTIALLY_LOADED", 3, 2
    )
    assert database.execute("select file_row from snowplow.gitlab_events order by 1").fetchall() == [(1,), (3,)]
    assert _verdicts(database) == {_KEY: "short"}


def test_object_told_of_twice_is_loaded_once_even_when_it_was_written_anew(database: duckdb.DuckDBPyConnection) -> None:
    _load(database, _event())
    assert _load(database, _event(), _event()).status == "SKIPPED"
    assert database.execute("select count(*) from snowplow.gitlab_events").fetchall() == [(1,)]


def test_after_14_days_an_objects_name_is_forgotten_and_its_rows_are_doubled_and_named(
    database: duckdb.DuckDBPyConnection,
) -> None:
    _load(database, _event())
    database.execute("update ops.load_history set loaded_at = loaded_at - interval 15 day")
    assert _load(database, _event()).status == "LOADED"
    assert _verdicts(database) == {_KEY: "doubled"}


def test_object_of_another_prefix_is_left_alone(database: duckdb.DuckDBPyConnection) -> None:
    assert _load(database, "secret", key="firehose-errors/2026/x.gz").status == "SKIPPED"
    assert database.execute("select count(*) from ops.load_history").fetchall() == [(0,)]


def test_bad_events_of_both_prefixes_are_one_table_and_broken_json_is_one_counted_row(
    database: duckdb.DuckDBPyConnection,
) -> None:
    failed = json.dumps({"schema": "iglu:com.snowplowanalytics.snowplow.badrows/size_violation/jsonschema/1-0-0"})
    _load(database, failed, '{"schema": ', key=_BAD)
    _load(database, failed + "\\t\\u2028", key="raw-bad/2026/01/02/03/x.gz")
    assert database.execute("select failure_kind, count(*) from events.failures group by 1 order by 1").fetchall() == [
        ("not_json", 2),
        ("size_violation", 1),
    ]


def test_empty_object_is_loaded_with_no_row(database: duckdb.DuckDBPyConnection) -> None:
    assert loader.load(database, _PIPES, LakeObject(_KEY, _MODIFIED, gzip.compress(b""))) == Outcome(_KEY, "LOADED")
    assert _verdicts(database) == {_KEY: "ok"}


def test_loader_killed_before_its_commit_has_loaded_nothing_and_loads_all_at_the_next_try(warehouse: Path) -> None:
    file = embedded.file_of(warehouse)
    # The child stops itself where the rows are inserted and the history is not: the parent kills it there.
    child = textwrap.dedent(f"""
        import duckdb, gzip, os, signal, datetime, pathlib
        from snowveil_snowpipe import loader, pipes
        def stop(*_): os.kill(os.getpid(), signal.SIGSTOP)
        loader._remember = stop
        loader.load(duckdb.connect({str(file)!r}), pipes.read(pathlib.Path({str(FOLDER)!r})), loader.LakeObject(
            {_KEY!r}, datetime.datetime.now(datetime.UTC), gzip.compress({_event(app_id="gitlab")!r}.encode())))
    """)
    path = str(Path(loader.__file__).parents[1])
    process = subprocess.Popen([sys.executable, "-c", child], env={**os.environ, "PYTHONPATH": path})
    os.waitpid(process.pid, os.WUNTRACED)
    process.send_signal(signal.SIGKILL)
    process.wait()
    connection = duckdb.connect(str(file))
    assert connection.execute("select count(*) from snowplow.gitlab_events").fetchall() == [(0,)]
    assert _load(connection, _event(app_id="gitlab")).status == "LOADED"
    assert connection.execute("select count(*) from snowplow.gitlab_events").fetchall() == [(1,)]
    connection.close()


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("V0004__stages.sql", "escape_unenclosed_field = none", "", "escape_unenclosed_field"),
        ("V0004__stages.sql", r"field_delimiter = '\t'", "field_delimiter = ','", "field_delimiter"),
        ("V0005__events_pipe.sql", "try_to_double($23)", "to_double($23)", "no stand-in"),
        ("V0005__events_pipe.sql", "on_error = continue", "on_error = skip_file", "cannot read this pipe"),
        ("V0005__events_pipe.sql", "metadata$filename", "filename", "neither"),
        ("V0005__events_pipe.sql", "    app_id,\n", "", "values"),
    ],
)
def test_what_the_stand_in_does_not_know_is_an_error(
    tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    for path in FOLDER.glob("V*.sql"):
        text = path.read_text()
        assert path.name != file or old in text
        (tmp_path / path.name).write_text(text.replace(old, new, 1) if path.name == file else text)
    with pytest.raises(PipeError, match=message):
        pipes.read(tmp_path)
