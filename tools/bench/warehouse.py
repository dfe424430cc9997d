"""How fast the stand-in for Snowpipe loads, against DuckDB's CSV reader on the same file; what the ten queries cost.

Both run on one thread and in turns, and write to a file. The goal is at least half of the floor's speed.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import gzip
import io
import re
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import duckdb
import pybase64

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "localstack"))  # the stand-in is not a package of the product

from snowveil_snowpipe import loader, pipes  # noqa: E402

from scripts.snowflake_warehouse import embedded, migrations  # noqa: E402
from tools.bench import function, gitlab_events  # noqa: E402
from wire.columns import COLUMNS  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

_DIFFERENT = 20_000
_BATCH = 400
_AN_OBJECT = 20_000  # 64 MB of text, as Firehose cuts objects


def main() -> int:
    """Run the measurement."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench.warehouse",
        description=__doc__,
        epilog="example: python -m tools.bench.warehouse --events 1000000",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--events", type=int, default=200_000, help="events to load (default: 200000)")
    objects = max(2, parser.parse_args().events // _AN_OBJECT)
    lines = delivered(_DIFFERENT)
    contents = gzip.compress(b"".join(lines[number % len(lines)] for number in range(_AN_OBJECT)), 6)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "warehouse"
        with embedded.connect(folder) as cursor:
            for each in migrations.pending(cursor, migrations.read(embedded.VALUES)):
                migrations.apply(cursor, each, embedded.SKIPPED_KINDS, lambda _: None)
        loads, floors = load(folder, Path(scratch), contents, objects)
        events = objects * _AN_OBJECT
        print(f"loader: {_AN_OBJECT / median(loads):,.0f} events/s and core, {events:,} events")
        print(
            f"floor:  {_AN_OBJECT / median(floors):,.0f} events/s and core, DuckDB's CSV reader into 131 text columns"
        )
        ratio = median(floor / own for own, floor in zip(loads, floors, strict=True))
        print(f"ratio:  {ratio:.2f} of the floor (goal: 0.5)")
        print(f"bytes:  {embedded.file_of(folder).stat().st_size / events:,.0f} an event in the file, ", end="")
        print(f"{len(contents) / _AN_OBJECT:,.0f} as GZIP, {len(b''.join(lines)) / len(lines):,.0f} as text")
        for seconds, query in queries(folder):
            print(f"query:  {seconds:6.2f} s  {query}")
    return 0


def delivered(count: int) -> list[bytes]:
    """Return lines as the pseudonymizer delivers them."""
    lines: list[bytes] = []
    _, in_memory = function.in_memory("output")
    with in_memory, contextlib.redirect_stdout(io.StringIO()):
        for batch in function.batches(gitlab_events.events(count), _BATCH, count // _BATCH):
            lines += [pybase64.b64decode(answer["data"]) for answer in function.call(batch)]
    return lines


def load(folder: Path, scratch: Path, contents: bytes, objects: int) -> tuple[list[float], list[float]]:
    """Load the object under new names and read it by the floor, in turns; return the CPU seconds of each."""
    file = scratch / "object.gz"
    file.write_bytes(contents)
    own = duckdb.connect(str(embedded.file_of(folder)))
    floor = duckdb.connect(str(scratch / "floor.db"))
    for database in (own, floor):
        database.execute("set threads = 1")
    columns = ", ".join(f"'{column.name}': 'varchar'" for column in COLUMNS)
    reading = (
        f"select * from read_csv('{file}', delim = '\t', quote = '', escape = '', header = false, "  # noqa: S608
        f"auto_detect = false, compression = 'gzip', columns = {{{columns}}})"
    )
    found, loads, floors = pipes.read(migrations.FOLDER), [], []
    for number in range(objects):
        each = loader.LakeObject(f"output/2026/01/02/03/{number}.gz", dt.datetime.now(dt.UTC), contents)
        started = process_time()
        outcome = loader.load(own, found, each)
        loads.append(process_time() - started)
        if outcome.rows_loaded != _AN_OBJECT:
            raise RuntimeError(f"an object was not loaded: {outcome}")
        started = process_time()
        floor.execute(f"create or replace table events as {reading}")
        floors.append(process_time() - started)
        print(f"{number + 1} of {objects} objects", file=sys.stderr)
    own.close()
    floor.close()
    return loads, floors


def queries(folder: Path) -> Sequence[tuple[float, str]]:
    """Return the seconds and the first words of each query of docs/warehouse.md."""
    times = []
    with embedded.connect(folder) as cursor:
        for query in re.findall(r"```sql\n(.*?)```", (ROOT / "docs/warehouse.md").read_text(), re.DOTALL):
            started = perf_counter()
            cursor.execute(query)
            cursor.fetchall()
            times.append((perf_counter() - started, " ".join(query.split())[:70]))
    return times


if __name__ == "__main__":
    sys.exit(main())
