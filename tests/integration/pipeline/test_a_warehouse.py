"""The warehouse of a rehearsal: what was delivered is in it once, and what is wrong in the lake is named."""

import datetime as dt
import gzip
import shutil
from pathlib import Path

import duckdb
import pytest
from snowveil_snowpipe import loader, pipes

from scripts.rehearsal.warehouse import TABLES
from scripts.snowflake_warehouse import embedded, migrations, reconciliation, verdict
from tests.integration.pipeline.conftest import Rehearsal

pytestmark = [pytest.mark.localstack, pytest.mark.timeout(900)]  # the first test applies the environment


@pytest.fixture
def loaded(rehearsal: Rehearsal) -> dict[str, int]:
    return rehearsal.machine.warehouse.wait_until_loaded(rehearsal.delivered, print)


@pytest.fixture
def copy(rehearsal: Rehearsal, loaded: dict[str, int], tmp_path: Path) -> Path:
    """A copy of the loaded warehouse, to break."""
    assert loaded
    with embedded.reader(rehearsal.machine.warehouse.folder):
        shutil.copytree(rehearsal.machine.warehouse.folder, tmp_path / "warehouse")
    return tmp_path / "warehouse"


def test_tables_hold_what_was_delivered(rehearsal: Rehearsal, loaded: dict[str, int]) -> None:
    expected = rehearsal.ledger.expected
    assert loaded == {table: sum(expected[prefix] for prefix in prefixes) for table, prefixes in TABLES.items()}


def test_rows_are_the_delivered_lines_first_and_last_column_alike(rehearsal: Rehearsal, copy: Path) -> None:
    lines = [record.decode().split("\t") for record in rehearsal.machine.lake.records("output/")]
    with embedded.reader(copy) as database:
        rows = database.execute("select app_id, event_id, event_fingerprint from snowplow.gitlab_events").fetchall()
    assert sorted(map(str, rows)) == sorted(str((line[0] or None, line[6], line[129] or None)) for line in lines)


def test_nothing_is_wrong_with_what_was_loaded(rehearsal: Rehearsal, copy: Path) -> None:
    with embedded.connect(copy) as cursor:
        found = verdict.ask(cursor)
    assert [test.name for test in found.tests if test.failed and test.severity in ("P0", "P1")] == []
    assert found.doubtful == []
    assert found.rows == {prefix: rehearsal.ledger.expected[prefix] for prefix in ("enriched-bad", "output", "raw-bad")}


def test_second_run_of_the_migrations_changes_nothing(copy: Path) -> None:
    with embedded.connect(copy) as cursor:
        assert migrations.pending(cursor, migrations.read(embedded.VALUES)) == []


def test_every_failed_event_has_its_kind_and_the_tracker_that_sent_it(copy: Path) -> None:
    with embedded.reader(copy) as database:
        kinds = database.execute(
            "select failure_kind, min(failed_at) from events.failures group by failure_kind"
        ).fetchall()
    assert {"schema_violations", "size_violation"} <= {kind for kind, _ in kinds}
    assert "unknown" not in {kind for kind, _ in kinds}
    assert all(first is not None for _, first in kinds)


def test_object_that_is_gone_shortened_or_doubled_is_named(rehearsal: Rehearsal, copy: Path) -> None:
    lake = rehearsal.machine.lake
    keys = [*lake.keys(lake.bucket, "output/"), *lake.keys(lake.bucket, "enriched-bad/")]
    long_keys = [key for key in keys if len(gzip.decompress(lake.contents(lake.bucket, key)).splitlines()) > 1]
    gone, shortened, doubled = keys[-1], *[key for key in long_keys if key != keys[-1]][:2]
    before = {key: lake.contents(lake.bucket, key) for key in (gone, shortened)}
    connection = duckdb.connect(str(embedded.file_of(copy)))
    connection.execute("delete from ops.load_history where file_name = ?", [doubled])
    loader.load(
        connection,
        pipes.read(migrations.FOLDER),
        loader.LakeObject(doubled, dt.datetime.now(dt.UTC), lake.contents(lake.bucket, doubled)),
    )
    connection.close()
    try:
        lake.s3.delete_object(Bucket=lake.bucket, Key=gone)
        short = gzip.compress(b"\n".join(gzip.decompress(before[shortened]).splitlines()[:1]) + b"\n")
        lake.s3.put_object(Bucket=lake.bucket, Key=shortened, Body=short)
        with embedded.connect(copy) as cursor:
            since = dt.datetime.now(dt.UTC) - dt.timedelta(hours=24)
            seen = reconciliation.lake_objects(lake.s3, lake.bucket, since, count_lines=True)
            reconciliation.write_lake_objects(cursor, seen, print)
            found = verdict.ask(cursor)
    finally:
        for key, contents in before.items():
            lake.s3.put_object(Bucket=lake.bucket, Key=key, Body=contents)
    assert dict(found.doubtful) == {gone: "gone", shortened: "shortened", doubled: "doubled"}
    assert not found.in_order
