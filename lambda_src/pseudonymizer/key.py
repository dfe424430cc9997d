"""The secret key of the pseudonyms, from Secrets Manager. It is never logged, and no error quotes it."""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.pseudonymizer.errors import PseudonymizerError
from lambda_src.pseudonymizer.pseudonym import MINIMUM_KEY_BYTES

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

REFRESH_SECONDS = 300.0
"""A rotated key is in use after this time; within it two functions may use two keys."""
MAXIMUM_AGE_SECONDS = 3600.0
_KEY_ID = re.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")  # it stands in every event
"""Without an answer from Secrets Manager the last key is used this long, then the function fails."""


class _Secret(msgspec.Struct, frozen=True):
    key_id: str
    key: str


@dataclass(frozen=True, slots=True)
class Key:
    """A key's name, which is no secret, and its bytes."""

    id: str
    secret: bytes = field(repr=False)


class KeySource:
    """Gives the current key, fetched when it is first needed and again when it is older than REFRESH_SECONDS."""

    def __init__(self, client: "SecretsManagerClient", arn: str, clock: Callable[[], float] = monotonic) -> None:
        self._client = client
        self._arn = arn
        self._clock = clock
        self._key: Key | None = None
        self._fetched = 0.0

    @property
    def age(self) -> float:
        """Seconds since the key was fetched."""
        return self._clock() - self._fetched

    def current(self) -> Key:
        """Return the key. Raises PseudonymizerError when there is none to be used."""
        age = self.age
        if self._key is not None and age < REFRESH_SECONDS:
            return self._key
        try:
            answer = self._client.get_secret_value(SecretId=self._arn)
        except (BotoCoreError, ClientError) as problem:
            if self._key is not None and age < MAXIMUM_AGE_SECONDS:
                return self._key
            raise PseudonymizerError(f"the key cannot be read from Secrets Manager: {type(problem).__name__}") from None
        self._key = _parse(answer.get("SecretString"))
        self._fetched = self._clock()
        return self._key


def _parse(text: str | None) -> Key:
    try:
        secret = msgspec.json.decode(text or "", type=_Secret)
        key = b64decode(secret.key, validate=True)
    except (msgspec.DecodeError, binascii.Error, ValueError):
        raise PseudonymizerError('the key secret is not {"key_id": text, "key": base64}: set it anew') from None
    if len(key) < MINIMUM_KEY_BYTES:
        raise PseudonymizerError(f"the key has less than {MINIMUM_KEY_BYTES} bytes: set a longer one")
    if not _KEY_ID.fullmatch(secret.key_id):
        raise PseudonymizerError("key_id is not 1 to 64 letters, digits and . _ : - without spaces: name the key so")
    return Key(secret.key_id, key)
