"""Names and bodies of the objects Firehose writes.

Source: https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html
"""

from __future__ import annotations

import gzip
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from snowveil_localstack.firehose.prefix import error_prefix, object_prefix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snowveil_localstack.firehose.destination import Destination
    from snowveil_localstack.firehose.records import OutputRecord


def put_request(
    destination: Destination,
    stream: str,
    version: str,
    records: Sequence[OutputRecord],
    error_output_type: str | None = None,
) -> dict[str, Any]:
    """Build the parameters of S3's PutObject for these records; `error_output_type` is set for failed ones.

    Dates are those of the oldest record's arrival, in the destination's time zone. Records are joined with nothing
    between them.
    """
    when = datetime.fromtimestamp(min(record.arrival_ms for record in records) / 1000, destination.time_zone)
    if error_output_type is None:
        prefix = object_prefix(destination.prefix, when)
    else:
        prefix = error_prefix(destination.prefix, destination.error_output_prefix, when, error_output_type)
    body = b"".join(record.data for record in records)
    request: dict[str, Any] = {
        "Bucket": destination.bucket,
        "Key": f"{prefix}{stream}-{version}-{when:%Y-%m-%d-%H-%M-%S}-{uuid.uuid4()}{destination.file_extension}",
        "Body": gzip.compress(body) if destination.gzip else body,
        "ContentType": "application/octet-stream",
    }
    if destination.gzip:
        request["ContentEncoding"] = "gzip"
    if destination.kms_key_arn is not None:
        request |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": destination.kms_key_arn}
    return request
