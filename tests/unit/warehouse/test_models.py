from __future__ import annotations

import datetime as dt
import gzip
import os
import subprocess
from pathlib import Path

import duckdb
from snowveil_snowpipe import loader, pipes

from scripts.snowflake_warehouse import embedded
from scripts.snowflake_warehouse.migrations import FOLDER
from wire.columns import COLUMNS, INDEX

_ROOT = Path(__file__).parents[3]


def _dbt(warehouse: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    scratch = warehouse.parent
    return subprocess.run(
        [_ROOT / ".venv-dbt/bin/dbt", *arguments, "--profiles-dir", ".", "--no-use-colors"],
        cwd=_ROOT / "warehouse/dbt",
        env=os.environ
        | {
            "SNOWVEIL_WAREHOUSE": str(embedded.file_of(warehouse)),
            "DBT_TARGET_PATH": str(scratch / "target"),
            "DBT_LOG_PATH": str(scratch / "logs"),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def _line(**cells: str) -> str:
    now = dt.datetime.now(dt.UTC).isoformat(" ", "milliseconds")[:23]
    row = [""] * len(COLUMNS)
    stamp = '{"schema":"","data":[{"schema":"iglu:io.snowveil/pseudonymization/jsonschema/1-0-0","data":{}}]}'
    for name, cell in {"event": "struct", "collector_tstamp": now, "derived_contexts": stamp, **cells}.items():
        row[INDEX[name]] = cell
    return "\t".join(row)


def _load(warehouse: Path, key: str, *lines: str) -> None:
    connection = duckdb.connect(str(embedded.file_of(warehouse)))
    contents = gzip.compress("\n".join(lines).encode())
    each = loader.LakeObject(f"output/2026/01/02/03/{key}.gz", dt.datetime.now(dt.UTC), contents)
    assert loader.load(connection, pipes.read(FOLDER), each).status == "LOADED"
    connection.close()


def _ids(warehouse: Path) -> list[str]:
    with embedded.reader(warehouse) as database:
        rows = database.execute("select event_id from models.deduplicated_events order by 1").fetchall()
    return [row[0] for row in rows]


def test_models_grow_by_load_time_and_a_line_in_clear_fails_the_build_by_name(warehouse: Path) -> None:
    assert _dbt(warehouse, "run", "--empty").returncode == 0
    _load(warehouse, "first", _line(event_id="a"), _line(event_id="a"), _line(event_id="b"))
    first = _dbt(warehouse, "build", "--exclude", "duplicate_share_percent")
    assert first.returncode == 0, first.stdout
    assert _ids(warehouse) == ["a", "b"]

    late = _line(event_id="late", collector_tstamp="2020-01-01 00:00:00.000")
    _load(warehouse, "second", late, _line(event_id="b"), '{"rawData": "alice@example.com"}')
    second = _dbt(warehouse, "build", "--exclude", "duplicate_share_percent")
    assert second.returncode == 1, second.stdout
    assert "FAIL 1 whole_row" in second.stdout
    assert "FAIL 1 readable_identity" in second.stdout
    assert "alice" not in second.stdout + (warehouse.parent / "logs/dbt.log").read_text()
    assert _ids(warehouse) == ["a", "b", "late"]
