"""The warehouse of a rehearsal: what was delivered is in it once, and what is wrong in the lake is named."""

import datetime as dt
import gzip
import shutil
from pathlib import Path

import duckdb
import pytest
from snowveil_snowpipe import loader, pipes

from scripts.rehearsal.warehouse import TABLES, Warehouse
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


def test_object_that_is_gone_shortened_or_doubled_is_named(rehearsal: Rehearsal, tmp_path: Path) -> None:
    """In a bucket and a warehouse of its own: how many objects Firehose makes of the events depends on the time."""
    s3, bucket = rehearsal.machine.client("s3"), "lake-to-break"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    lines = list(rehearsal.machine.lake.records("output/"))[:3]
    hour = f"output/{dt.datetime.now(dt.UTC):%Y/%m/%d/%H}"
    whole, gone, shortened, doubled, missing = keys = [f"{hour}/{number}.gz" for number in range(5)]
    warehouse = Warehouse(tmp_path / "own", tmp_path / "journal", tmp_path)
    warehouse.migrate(print)

    def put(key: str, contents: list[bytes]) -> None:
        s3.put_object(Bucket=bucket, Key=key, Body=gzip.compress(b"\n".join(contents) + b"\n"))

    def load(key: str) -> None:
        connection = duckdb.connect(str(embedded.file_of(warehouse.folder)))
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        each = loader.LakeObject(key, dt.datetime.now(dt.UTC), body)
        assert loader.load(connection, pipes.read(migrations.FOLDER), each).rows_loaded == 3
        if key == doubled:
            connection.execute("delete from ops.load_history where file_name = ?", [key])
            loader.load(connection, pipes.read(migrations.FOLDER), each)
        connection.close()

    for key in keys:
        put(key, lines)
    for key in (whole, gone, shortened, doubled):
        load(key)
    s3.delete_object(Bucket=bucket, Key=gone)
    put(shortened, lines[:1])
    with embedded.connect(warehouse.folder) as cursor:
        since = dt.datetime.now(dt.UTC) - dt.timedelta(hours=24)
        seen = reconciliation.lake_objects(s3, bucket, since, count_lines=True)
        reconciliation.write_lake_objects(cursor, seen, print)
        found = verdict.ask(cursor)
    for key in (whole, shortened, doubled, missing):
        s3.delete_object(Bucket=bucket, Key=key)
    s3.delete_bucket(Bucket=bucket)
    assert dict(found.doubtful) == {gone: "gone", shortened: "shortened", doubled: "doubled", missing: "missing"}
    assert not found.in_order
