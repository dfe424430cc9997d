"""What only a real Snowflake account can show. Run by `make warehouse-account-test ENV=…`; it loads a scratch database.

It needs environments/<env>/warehouse.yaml, the private key, a stage that the integration may read and a database whose
name ends in `_test`, so that no run ever touches what people use.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.snowflake_warehouse import account, migrations
from scripts.snowflake_warehouse.migrations import Cursor

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def chosen() -> account.Account:
    environment = os.environ.get("SNOWVEIL_WAREHOUSE_ENV", "")
    read = account.read(ROOT / "environments" / environment / "warehouse.yaml")
    assert read.database.lower().endswith("_test"), "warehouse.yaml: database: a test runs on a database …_test only"
    return read


@pytest.fixture(scope="module")
def cursor(chosen: account.Account) -> Iterator[Cursor]:
    with account.connect(chosen) as opened:
        for each in migrations.pending(opened, migrations.read(chosen.values)):
            migrations.apply(opened, each, frozenset(), print)
        yield opened


def _rows(cursor: Cursor, query: str) -> list[tuple[object, ...]]:
    cursor.execute(query)
    return cursor.fetchall()


def test_second_run_changes_nothing(cursor: Cursor, chosen: account.Account) -> None:
    assert migrations.pending(cursor, migrations.read(chosen.values)) == []


def test_every_pipe_runs(cursor: Cursor) -> None:
    for pipe in ("gitlab_events_pipe", "gitlab_enriched_bad_pipe", "gitlab_raw_bad_pipe"):
        ((status,),) = _rows(cursor, f"select system$pipe_status('snowplow.{pipe}')")
        assert '"executionState":"RUNNING"' in str(status)


def test_cell_beyond_the_last_one_of_a_line_is_null_and_a_backslash_stays(cursor: Cursor) -> None:
    """A line is unloaded to a stage, and read back by the pipe's own file format."""
    cursor.execute("create or replace temporary stage snowplow.trap")
    cursor.execute(
        "copy into @snowplow.trap/lines from (select 'a\\\\\"b\tc') "
        "file_format = (type = csv field_delimiter = none escape_unenclosed_field = none) overwrite = true"
    )
    rows = _rows(cursor, "select $1, $2, $132 from @snowplow.trap (file_format => 'snowplow.enriched_tsv')")
    assert rows == [('a\\"b', "c", None)]


def test_no_role_but_privacy_reads_raw_failed_events(cursor: Cursor) -> None:
    grants = _rows(cursor, "show grants on table snowplow.gitlab_bad_events")
    readers = {str(row[5]).lower() for row in grants if str(row[1]) == "SELECT"}
    assert readers <= {"snowplow_owner", "snowplow_privacy"}


def test_each_view_answers_a_query(cursor: Cursor) -> None:
    for view in ("events.events", "events.failures", "linked.atomic_events", "ops.quality", "ops.completeness"):
        _rows(cursor, f"select * from {view} limit 1")  # noqa: S608 - names above
