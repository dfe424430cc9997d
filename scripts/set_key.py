"""Give an environment the secret key of its pseudonyms: 32 random bytes, made here and stored nowhere else.

A second key would give every identifier a second pseudonym: an existing key is kept unless --rotate says otherwise.
"""

from __future__ import annotations

import argparse
import base64
import json
import secrets
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class KeyExistsError(Exception):
    """The secret has a value already."""


def set_key(client: SecretsManagerClient, secret: str, *, rotate: bool = False) -> str:
    """Store a new key under `secret` (name or ARN) and return its id.

    Raises KeyExistsError when there is one and `rotate` is not set, ClientError when the secret cannot be written.
    """
    versions = client.describe_secret(SecretId=secret).get("VersionIdsToStages", {})
    if versions and not rotate:
        raise KeyExistsError(f"{secret} has a key already: --rotate replaces it and changes every future pseudonym")
    key_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    value = {"key_id": key_id, "key": base64.b64encode(secrets.token_bytes(32)).decode()}
    client.put_secret_value(SecretId=secret, SecretString=json.dumps(value))
    return key_id


def main() -> int:
    """Set the key and print its id, never the key."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.set_key",
        description=__doc__,
        epilog="example: python -m scripts.set_key --secret snowplow-pseudonym-key",
    )
    parser.add_argument("--secret", required=True, help="name or ARN: the output pseudonym_key_arn of the environment")
    parser.add_argument("--rotate", action="store_true", help="replace the key that is there")
    arguments = parser.parse_args()
    try:
        key_id = set_key(boto3.client("secretsmanager"), arguments.secret, rotate=arguments.rotate)
    except KeyExistsError as problem:
        print(f"set_key: {problem}", file=sys.stderr)
        return 3
    except (BotoCoreError, ClientError) as problem:
        print(f"set_key: {arguments.secret}: {problem}", file=sys.stderr)
        return 1
    print(key_id)
    return 0


if __name__ == "__main__":
    sys.exit(main())
