"""Every query of docs/warehouse.md runs, on events that went through the pseudonymizer."""

import contextlib
import datetime as dt
import gzip
import io
import re
import shutil
from pathlib import Path

import duckdb
import pybase64
import pytest
from snowveil_snowpipe import loader, pipes

from scripts.snowflake_warehouse import embedded, verdict
from scripts.snowflake_warehouse.migrations import FOLDER
from tools.bench import function, gitlab_events

QUERIES = re.findall(r"```sql\n(.*?)```", (Path(__file__).parents[3] / "docs/warehouse.md").read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def loaded(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with 300 of GitLab's events."""
    folder = tmp_path_factory.mktemp("loaded") / "warehouse"
    shutil.copytree(migrated, folder)
    _, in_memory = function.in_memory("output")
    with in_memory, contextlib.redirect_stdout(io.StringIO()):
        (batch,) = function.batches(gitlab_events.events(300), 300, 1)
        lines = [pybase64.b64decode(answer["data"]) for answer in function.call(batch)]
    connection = duckdb.connect(str(embedded.file_of(folder)))
    each = loader.LakeObject("output/2026/01/02/03/x.gz", dt.datetime.now(dt.UTC), gzip.compress(b"".join(lines)))
    assert loader.load(connection, pipes.read(FOLDER), each).rows_loaded == 300
    connection.close()
    return folder


def test_there_are_ten() -> None:
    assert len(QUERIES) == 10


@pytest.mark.parametrize("number", range(10))
def test_documented_query_answers_where_events_hold_its_subject(loaded: Path, number: int) -> None:
    with embedded.connect(loaded) as cursor:
        cursor.execute(QUERIES[number])
        rows = cursor.fetchall()
    absent = ("'struct'", "'page_view'", "ai_context", "gitlab_experiment", "events.failures")
    empty = any(name in QUERIES[number] for name in absent)  # these events hold none
    assert bool(rows) != empty, rows


def test_delivered_events_are_in_order(loaded: Path) -> None:
    with embedded.connect(loaded) as cursor:
        found = verdict.ask(cursor)
    assert [test.name for test in found.tests if test.failed and test.severity in ("P0", "P1")] == []
