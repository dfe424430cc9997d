"""The embedded warehouse: one DuckDB file, written through fakesnow, which runs Snowflake's SQL on DuckDB.

One process that writes keeps every other process out, readers too: open it, do the work, close it.
"""

from __future__ import annotations

import logging
import time
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
from fakesnow.instance import FakeSnow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scripts.snowflake_warehouse.migrations import Cursor

# What exists on Snowflake alone. What an environment gains by these statements is tested on an account only.
SKIPPED_KINDS = frozenset({
    "alter", "file format", "grant", "masking policy", "network policy", "pipe", "resource monitor", "role",
    "stage", "storage integration", "tag", "task", "user", "warehouse",
})  # fmt: skip

# The statements that hold these are skipped; the migrations are read whole all the same.
VALUES = {"lake_url": "s3://embedded", "storage_role_arn": "none", "retention_days": "90"}

# fakesnow hands this name to DuckDB as it is; its own TO_TIMESTAMP raises on text that is not a time.
_TRY_TO_TIMESTAMP = """create macro if not exists main.try_to_timestamp_ntz(x) as try_cast(x as timestamp)"""

# fakesnow writes FLATTEN as DuckDB's older lambda; DuckDB reads such a view when this is set.
LAMBDAS_OF_VIEWS = "set lambda_syntax = 'ENABLE_SINGLE_ARROW'"

_LOCKED_SECONDS = 30.0


def file_of(folder: Path) -> Path:
    """Return the file that fakesnow keeps a folder's database in."""
    return folder / "RAW.db"


@contextmanager
def connect(folder: Path) -> Iterator[Cursor]:
    """Open the warehouse in a folder for writing; make it when it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    # They report each comment and option that DuckDB has no place for.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=UserWarning, module="fakesnow")
    instance = FakeSnow(db_path=str(folder))
    connection = instance.connect(database="raw", schema="main")
    try:
        instance.duck_conn.execute("use raw.main")
        instance.duck_conn.execute(_TRY_TO_TIMESTAMP)
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
        instance.duck_conn.close()


@contextmanager
def reader(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse read-only in DuckDB's own dialect; wait for a process that writes.

    Raises duckdb.IOException when one writes for longer than 30 seconds.
    """
    connection = _open(file_of(folder))
    try:
        connection.execute(LAMBDAS_OF_VIEWS)
        yield connection
    finally:
        connection.close()


def _open(file: Path) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + _LOCKED_SECONDS
    while True:
        try:
            return duckdb.connect(str(file), read_only=True)
        except duckdb.IOException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
