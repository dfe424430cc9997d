"""Where a record goes that cannot be transformed: a bucket that the function can write and break-glass alone read."""

import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from lambda_src.pseudonymizer.errors import Reason

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# A batch of nothing but unreadable records must not outlast the function: 10,000 objects take some 20 s this way.
WRITERS = 16


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record as Firehose sent it, and why it is not delivered."""

    record: Mapping[str, object]
    reason: Reason


class Quarantine:
    """Writes one encrypted object per record: `quarantine/<delivery>/yyyy/MM/dd/HH/<uuid>.json`, hours in UTC."""

    def __init__(self, client: "S3Client", *, delivery: str, bucket: str, kms_key_arn: str) -> None:
        self._client = client
        self._delivery = delivery
        self._bucket = bucket
        self._kms_key_arn = kms_key_arn

    def write(self, rejected: list[Rejected]) -> list[bool]:
        """Write the records; return for each whether it is stored. Nothing is raised and nothing is said about why."""
        if not rejected:
            return []
        with ThreadPoolExecutor(WRITERS) as writers:
            return list(writers.map(self._write, rejected))

    def _write(self, rejected: Rejected) -> bool:
        hour = datetime.now(UTC).strftime("%Y/%m/%d/%H")
        body = {
            "delivery": self._delivery,
            "recordId": rejected.record["recordId"],
            "reason": rejected.reason,
            "approximateArrivalTimestamp": rejected.record.get("approximateArrivalTimestamp"),
            "data": rejected.record["data"],
        }
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=f"quarantine/{self._delivery}/{hour}/{uuid.uuid4()}.json",
                Body=msgspec.json.encode(body),
                ContentType="application/json",
                ServerSideEncryption="aws:kms",
                SSEKMSKeyId=self._kms_key_arn,
            )
        except Exception:  # noqa: BLE001 - whatever it is, the record is then failed, and its text may quote the record
            return False
        return True
