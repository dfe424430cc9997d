"""The function's entry: Firehose's event in, one answer per record out. Configured by the environment.

DELIVERY (`output`, `enriched-bad`, `raw-bad`), KEY_SECRET_ARN, QUARANTINE_BUCKET, QUARANTINE_KMS_KEY_ARN, and
KEY_CHECKS: the check values of the rings of keys that may be used, separated by commas. Without a usable environment,
policy or key it raises before a record is touched, and Firehose tries again.
"""

import logging
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TypedDict

import boto3
from botocore.config import Config

from lambda_src.pseudonymizer.delivery.batch import FORMATS, Pseudonymizer, Record
from lambda_src.pseudonymizer.delivery.quarantine import WRITERS, Quarantine
from lambda_src.pseudonymizer.delivery.response import Answer
from lambda_src.pseudonymizer.errors import PseudonymizerError
from lambda_src.pseudonymizer.key import KeySource
from lambda_src.pseudonymizer.policy import policy

POLICY = Path(__file__).parents[2] / "policy/gitlab.yaml"
_VARIABLES = ("DELIVERY", "KEY_SECRET_ARN", "QUARANTINE_BUCKET", "QUARANTINE_KMS_KEY_ARN")
_PATIENCE = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=WRITERS,
)


class Event(TypedDict):
    """Firehose's invocation, as far as it is read."""

    records: Sequence[Record]


def handle(event: Event, _context: object) -> dict[str, list[Answer]]:
    """Transform one batch. Raises PseudonymizerError, whose text holds no value; Firehose then repeats the batch."""
    # The AWS SDK logs requests and answers at DEBUG, that is records and the key.
    logging.disable(logging.CRITICAL)
    try:
        return {"records": _pseudonymizer().answer(event["records"])}
    except PseudonymizerError:
        raise
    except Exception as problem:  # noqa: BLE001 - the texts of other errors may quote what they failed on
        raise PseudonymizerError(f"the batch failed: {type(problem).__name__}") from None


@cache
def _pseudonymizer() -> Pseudonymizer:
    missing = [name for name in _VARIABLES if not os.environ.get(name)]
    if missing:
        raise PseudonymizerError(f"environment variable {missing[0]} is not set: apply the function's module again")
    delivery, secret, bucket, kms_key = (os.environ[name] for name in _VARIABLES)
    if delivery not in FORMATS:
        raise PseudonymizerError(f"environment variable DELIVERY is none of {', '.join(FORMATS)}")
    return Pseudonymizer(
        delivery,
        policy.load(POLICY),
        KeySource(boto3.client("secretsmanager", config=_PATIENCE), secret, checks=_key_checks()),
        Quarantine(boto3.client("s3", config=_PATIENCE), delivery=delivery, bucket=bucket, kms_key_arn=kms_key),
    )


def _key_checks() -> tuple[str, ...]:
    """Return the check values that are deployed; none before the first key of an environment is set."""
    return tuple(filter(None, os.environ.get("KEY_CHECKS", "").split(",")))
