"""The pseudonymizer as Lambda calls it, in this process, with Secrets Manager and S3 in memory."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pybase64

from lambda_src.pseudonymizer import handler

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from lambda_src.pseudonymizer.delivery.batch import Record
    from lambda_src.pseudonymizer.delivery.response import Answer

KEY = bytes(range(32))
_ENVIRONMENT = {
    "KEY_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:000000000000:secret:snowplow-pseudonym-key",
    "QUARANTINE_BUCKET": "snowplow-quarantine",
    "QUARANTINE_KMS_KEY_ARN": "arn:aws:kms:eu-west-1:000000000000:key/quarantine",
}


class Aws:
    """Answers for both services; counts what is put into the quarantine."""

    def __init__(self) -> None:
        self.stored = 0

    def get_secret_value(self, **_: str) -> dict[str, str]:
        """Return the key."""
        return {"SecretString": json.dumps({"key_id": "bench", "key": base64.b64encode(KEY).decode()})}

    def put_object(self, **_: object) -> None:
        """Count the object."""
        self.stored += 1


def in_memory(delivery: str) -> tuple[Aws, AbstractContextManager[object]]:
    """Configure this process's function for `delivery`; its clients are made on the first call inside the context."""
    os.environ.update(_ENVIRONMENT, DELIVERY=delivery)
    aws = Aws()
    return aws, patch("boto3.client", lambda *_, **__: aws)


def batches(events: Sequence[bytes], size: int, count: int) -> Iterator[list[Record]]:
    """Yield `count` batches of `size` records: `events` over and over."""
    data = [pybase64.b64encode_as_string(event) for event in events]
    number = 0
    for _ in range(count):
        batch: list[Record] = []
        for _ in range(size):
            batch.append(
                {
                    "recordId": f"{number:056d}",
                    "data": data[number % len(data)],
                    "approximateArrivalTimestamp": 1_767_323_045_678,
                }
            )
            number += 1
        yield batch


def call(records: Sequence[Record]) -> list[Answer]:
    """Invoke the function as Lambda does."""
    event: Any = {"invocationId": "bench", "records": records}
    return handler.handle(event, None)["records"]
