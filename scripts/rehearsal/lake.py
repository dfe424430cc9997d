"""The objects of the lake and of the quarantine, read as a consumer reads them."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.rehearsal.ledger import DESTINATIONS, Destination

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

ERRORS = "firehose-errors/"


@dataclass(slots=True)
class Lake:
    """The lake bucket and the quarantine bucket of an environment."""

    s3: S3Client
    bucket: str
    quarantine_bucket: str

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """Return the keys below `prefix`, sorted."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return sorted(entry["Key"] for page in pages for entry in page.get("Contents", []))

    def contents(self, bucket: str, key: str) -> bytes:
        """Return an object's bytes as stored."""
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def records(self, prefix: str) -> Iterator[bytes]:
        """Yield the delivered records below a prefix of the lake, without their newline."""
        for key in self.keys(self.bucket, prefix):
            yield from gzip.decompress(self.contents(self.bucket, key)).splitlines()

    def counts(self) -> dict[Destination, int]:
        """Return how many records have arrived at each destination."""
        counts: dict[Destination, int] = {}
        for destination in DESTINATIONS:
            if destination == "quarantine":
                counts[destination] = len(self.keys(self.quarantine_bucket, "quarantine/"))
            else:
                counts[destination] = sum(1 for _ in self.records(f"{destination}/"))
        return counts
