"""Give an environment the secret key of its pseudonyms: 32 random bytes, made here and stored nowhere else.

A second key gives every identifier a second pseudonym: an existing key is kept. --rotate stores a new key that nothing
uses yet and prints its check value; once that is in `pseudonymizer.key_checks` of the environment and applied, --switch
puts the key in force, within five minutes.
"""

from __future__ import annotations

import argparse
import base64
import json
import secrets
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.pseudonymizer.pseudonym import check_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_secretsmanager import SecretsManagerClient

_CURRENT, _PENDING = "AWSCURRENT", "AWSPENDING"


class WrongStepError(Exception):
    """The secret is not in the state that this step needs; the text names the step that comes first."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """What may be known of a key: its name, and the value that the functions are told to expect."""

    id: str
    check: str


def set_key(client: SecretsManagerClient, secret: str) -> NewKey:
    """Store the first key under `secret` (name or ARN), in force at once.

    Raises WrongStepError when there is a key already, ClientError when the secret cannot be written.
    """
    if _stages(client, secret):
        raise WrongStepError(
            f"{secret} has a key already: --rotate prepares another, which changes every later pseudonym"
        )
    return _store(client, secret, _CURRENT)


def rotate(client: SecretsManagerClient, secret: str) -> NewKey:
    """Store another key, which nothing uses before `switch`. Raises WrongStepError when there is no first key."""
    if _CURRENT not in _stages(client, secret):
        raise WrongStepError(f"{secret} has no key yet: set the first one without --rotate")
    return _store(client, secret, _PENDING)


def switch(client: SecretsManagerClient, secret: str) -> None:
    """Put the key in force that `rotate` stored. Raises WrongStepError when there is none."""
    stages = _stages(client, secret)
    if _PENDING not in stages or stages[_PENDING] == stages.get(_CURRENT):
        raise WrongStepError(f"{secret} has no key that waits: store one with --rotate")
    client.update_secret_version_stage(
        SecretId=secret,
        VersionStage=_CURRENT,
        MoveToVersionId=stages[_PENDING],
        RemoveFromVersionId=stages[_CURRENT],
    )


def _stages(client: SecretsManagerClient, secret: str) -> Mapping[str, str]:
    """Return the id of the version in each stage."""
    versions = client.describe_secret(SecretId=secret).get("VersionIdsToStages", {})
    return {stage: version for version, stages in versions.items() for stage in stages}


def _store(client: SecretsManagerClient, secret: str, stage: str) -> NewKey:
    key_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    key = secrets.token_bytes(32)
    value = {"ring": [{"key_id": key_id, "key": base64.b64encode(key).decode()}]}
    client.put_secret_value(SecretId=secret, SecretString=json.dumps(value), VersionStages=[stage])
    return NewKey(key_id, check_value([key]))


def main(arguments: list[str] | None = None) -> int:
    """Do one step and print the key's id and check value, never the key."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.set_key",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example: python -m scripts.set_key --secret snowplow-pseudonym-key\n"
        "exit code: 0 done, 1 AWS refused, 3 another step comes first",
    )
    parser.add_argument("--secret", required=True, help="name or ARN: the output pseudonym_key_arn of the environment")
    step = parser.add_mutually_exclusive_group()
    step.add_argument("--rotate", action="store_true", help="store another key, which nothing uses yet")
    step.add_argument("--switch", action="store_true", help="put the key in force that --rotate stored")
    chosen = parser.parse_args(arguments)
    client = boto3.client("secretsmanager")
    try:
        if chosen.switch:
            switch(client, chosen.secret)
            print("the key that was stored is in force within five minutes")
            return 0
        key = (rotate if chosen.rotate else set_key)(client, chosen.secret)
    except WrongStepError as problem:
        print(f"set_key: {problem}", file=sys.stderr)
        return 3
    except (BotoCoreError, ClientError) as problem:
        print(f"set_key: {chosen.secret}: {problem}", file=sys.stderr)
        return 1
    print(f"key id: {key.id}\ncheck value, for pseudonymizer.key_checks of the environment: {key.check}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
