"""Wait for S3's messages on a queue and load the objects that they name, until SIGTERM.

Example:
  python -m snowveil_snowpipe --warehouse build/warehouse/RAW.db --migrations warehouse/snowflake \
      --queue http://127.0.0.1:4566/000000000000/snowpipe

AWS by the environment (AWS_ENDPOINT_URL and the usual variables). Exit code 0: stopped by SIGTERM. 1: the line on
standard error says why.

"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

import boto3
import duckdb
from botocore.exceptions import BotoCoreError, ClientError

from snowveil_snowpipe.pipes import PipeError, read
from snowveil_snowpipe.queue import Loader


def main() -> int:
    """Run until stopped."""
    parser = argparse.ArgumentParser(
        prog="python -m snowveil_snowpipe", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--warehouse", type=Path, required=True, help="the DuckDB file, with the migrations applied")
    parser.add_argument("--migrations", type=Path, required=True, help="the folder whose pipes are followed")
    parser.add_argument("--queue", required=True, help="URL of the queue that S3 sends to")
    arguments = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        loader = Loader(
            read(arguments.migrations), arguments.warehouse, arguments.queue, boto3.client("sqs"), boto3.client("s3")
        )
        while not stopped.is_set():
            for outcome in loader.work(wait_seconds=1):
                print(f"{outcome.status} {outcome.key} {outcome.rows_loaded}/{outcome.rows_parsed}", flush=True)
    except (PipeError, OSError, BotoCoreError, ClientError, duckdb.Error) as problem:
        print(f"snowpipe: {' '.join(str(problem).split())}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
