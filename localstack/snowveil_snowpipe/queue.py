"""S3's messages: which objects they name, fetched and loaded; a message goes when its objects are in the history.

Source of the message's form: Amazon S3, "Event message structure" (keys are URL-encoded as in a form).
"""

from __future__ import annotations

import json
import time
import urllib.parse
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
from botocore.exceptions import ClientError

from snowveil_snowpipe.loader import LakeObject, Outcome, load, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

    from snowveil_snowpipe.pipes import Pipe

_LOCKED_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Loader:
    """Loads what a queue names into a warehouse file, which it holds open only while it loads."""

    pipes: Sequence[Pipe]
    warehouse: Path
    queue: str
    sqs: SQSClient
    s3: S3Client

    def work(self, wait_seconds: int) -> list[Outcome]:
        """Load what up to ten messages name; return the result for each object.

        Raises duckdb.IOException when another process holds the warehouse for longer than 30 seconds.
        """
        messages = self.sqs.receive_message(
            QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=wait_seconds
        ).get("Messages", [])
        if not messages:
            return []
        database = self._open()
        try:
            outcomes = [self._load(database, bucket, key) for message in messages for bucket, key in objects(message)]
        finally:
            database.close()
        for message in messages:
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return outcomes

    def _load(self, database: duckdb.DuckDBPyConnection, bucket: str, key: str) -> Outcome:
        try:
            answer = self.s3.get_object(Bucket=bucket, Key=key)
        except ClientError as problem:
            if problem.response["Error"]["Code"] not in ("NoSuchKey", "404"):
                raise
            return refuse(database, self.pipes, key)
        return load(database, self.pipes, LakeObject(key, answer["LastModified"], answer["Body"].read()))

    def _open(self) -> duckdb.DuckDBPyConnection:
        deadline = time.monotonic() + _LOCKED_SECONDS
        while True:
            try:
                return duckdb.connect(str(self.warehouse))
            except duckdb.IOException:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


def objects(message: MessageTypeDef) -> Iterator[tuple[str, str]]:
    """Yield bucket and key of each object that a message names; S3's test message names none."""
    for record in json.loads(message["Body"]).get("Records", []):
        if record["eventName"].startswith("ObjectCreated:"):
            yield record["s3"]["bucket"]["name"], urllib.parse.unquote_plus(record["s3"]["object"]["key"])
