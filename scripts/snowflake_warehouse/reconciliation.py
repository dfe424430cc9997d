"""What the lake and CloudWatch say was delivered, written beside what the warehouse holds: `ops.completeness` compares.

The four counts of an hour are independent: lines the functions delivered, records Firehose wrote, objects in the lake,
rows in the tables. Sources: `Snowveil/Pseudonymizer` `Delivered` (docs/pseudonymizer.md); Amazon Data Firehose,
"CloudWatch metrics" (`DeliveryToS3.Records`).
"""

from __future__ import annotations

import datetime as dt
import gzip
import io
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_s3 import S3Client

    from scripts.snowflake_warehouse.migrations import Cursor

PREFIXES = ("output", "enriched-bad", "raw-bad")
_ROWS_A_STATEMENT = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """An object of the lake; `lines` is None where it was not read."""

    key: str
    size: int
    modified: dt.datetime
    lines: int | None


def lake_objects(s3: S3Client, bucket: str, since: dt.datetime, *, count_lines: bool) -> Iterator[Seen]:
    """Yield the objects under the three prefixes of the hours from `since` on."""
    for prefix in PREFIXES:
        start = f"{prefix}/{since.astimezone(dt.UTC):%Y/%m/%d/%H}/"
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/", StartAfter=start)
        for page in pages:
            for entry in page.get("Contents", []):
                lines = _lines(s3, bucket, entry["Key"]) if count_lines else None
                yield Seen(entry["Key"], entry["Size"], entry["LastModified"], lines)


def write_lake_objects(cursor: Cursor, seen: Iterator[Seen], say: Callable[[str], None]) -> int:
    """Replace what was seen before by what is seen now; return how many objects there are."""
    now = _now()
    cursor.execute("delete from ops.lake_objects")
    rows: list[tuple[Any, ...]] = []
    count = 0
    for each in seen:
        rows.append((each.key, each.size, _naive(each.modified), each.lines, now))
        count += 1
        if len(rows) == _ROWS_A_STATEMENT:
            _insert(cursor, "ops.lake_objects (file_name, bytes, modified, lines, seen_at)", rows)
            rows.clear()
            say(f"{count} objects")
    _insert(cursor, "ops.lake_objects (file_name, bytes, modified, lines, seen_at)", rows)
    return count


def write_delivered(
    cursor: Cursor, cloudwatch: CloudWatchClient, deliveries: Mapping[str, str], since: dt.datetime
) -> None:
    """Write what functions and Firehose counted per hour from `since` on; `deliveries`: Firehose stream by prefix."""
    rows: list[tuple[Any, ...]] = []
    for prefix, stream in deliveries.items():
        delivered = _hourly(cloudwatch, "Snowveil/Pseudonymizer", "Delivered", {"Delivery": prefix}, since)
        written = _hourly(cloudwatch, "AWS/Firehose", "DeliveryToS3.Records", {"DeliveryStreamName": stream}, since)
        rows += [(prefix, hour, delivered.get(hour), written.get(hour)) for hour in sorted({*delivered, *written})]
    cursor.execute("delete from ops.delivered where hour >= %s", (_naive(since),))
    _insert(cursor, "ops.delivered (prefix, hour, delivered, written)", rows)


def _insert(cursor: Cursor, target: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        row = f"({', '.join(['%s'] * len(rows[0]))})"
        values = [value for each in rows for value in each]
        cursor.execute(f"insert into {target} values {', '.join([row] * len(rows))}", values)  # noqa: S608 - our target


def _hourly(
    cloudwatch: CloudWatchClient, namespace: str, name: str, dimensions: Mapping[str, str], since: dt.datetime
) -> dict[dt.datetime, int]:
    answer = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=since.replace(minute=0, second=0, microsecond=0),
        EndTime=dt.datetime.now(dt.UTC) + dt.timedelta(hours=1),
        Period=3600,
        Statistics=["Sum"],
    )
    return {_naive(point["Timestamp"]): int(point["Sum"]) for point in answer["Datapoints"]}


def _lines(s3: S3Client, bucket: str, key: str) -> int | None:
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    try:
        return sum(1 for _ in gzip.open(io.BytesIO(body)))
    except (OSError, EOFError, zlib.error):
        return None  # the ledger's verdict of such an object is the loader's: failed


def _naive(instant: dt.datetime) -> dt.datetime:
    return instant.astimezone(dt.UTC).replace(tzinfo=None)


def _now() -> dt.datetime:
    return _naive(dt.datetime.now(dt.UTC))
