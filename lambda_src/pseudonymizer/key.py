"""The secret ring of keys of the pseudonyms, from Secrets Manager. It is never logged, and no error quotes it.

The secret is `{"ring": [{"key_id": text, "key": base64}, …]}`, the oldest key first; `{"key_id": …, "key": …}` alone
is a ring of one. What a ring does: `pseudonym.py`.
"""

import binascii
import hmac
import re
from base64 import b64decode
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from lambda_src.pseudonymizer.errors import PseudonymizerError
from lambda_src.pseudonymizer.pseudonym import MINIMUM_KEY_BYTES, check_value

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

REFRESH_SECONDS = 300.0
"""A rotated key is in use after this time; within it two functions may use two keys."""
MAXIMUM_AGE_SECONDS = 3600.0
"""Without an answer from Secrets Manager the last ring is used this long, then the function fails."""
_KEY_ID = re.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")  # it stands in every event


class _Key(msgspec.Struct, frozen=True):
    key_id: str
    key: str


class _Secret(msgspec.Struct, frozen=True):
    ring: list[_Key]


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys in the order in which they hash, and the name of the last one, which is not a secret."""

    id: str
    keys: tuple[bytes, ...] = field(repr=False)


class KeySource:
    """Gives the current ring, fetched when it is first needed and again when it is older than REFRESH_SECONDS."""

    def __init__(
        self,
        client: "SecretsManagerClient",
        arn: str,
        clock: Callable[[], float] = monotonic,
        *,
        checks: Collection[str] = (),
    ) -> None:
        """Take the check values of the rings that may be used; without any, every ring may."""
        self._client = client
        self._arn = arn
        self._clock = clock
        self._checks = checks
        self._ring: Ring | None = None
        self._fetched = 0.0

    @property
    def age(self) -> float:
        """Seconds since the ring was fetched."""
        return self._clock() - self._fetched

    def current(self) -> Ring:
        """Return the ring. Raises PseudonymizerError when there is none to be used."""
        age = self.age
        if self._ring is not None and age < REFRESH_SECONDS:
            return self._ring
        try:
            answer = self._client.get_secret_value(SecretId=self._arn)
        except (BotoCoreError, ClientError) as problem:
            if self._ring is not None and age < MAXIMUM_AGE_SECONDS:
                return self._ring
            raise PseudonymizerError(f"the key cannot be read from Secrets Manager: {type(problem).__name__}") from None
        self._ring = self._checked(_parse(answer.get("SecretString")))
        self._fetched = self._clock()
        return self._ring

    def _checked(self, ring: Ring) -> Ring:
        value = check_value(ring.keys)
        if self._checks and not any(hmac.compare_digest(value, each) for each in self._checks):
            raise PseudonymizerError(
                f"the key {ring.id} does not fit KEY_CHECKS: somebody replaced it, or its check value is not deployed"
            )
        return ring


def _parse(text: str | None) -> Ring:
    try:
        listed = _listed(text or "")
        keys = [b64decode(each.key, validate=True) for each in listed]
    except (msgspec.DecodeError, binascii.Error, ValueError):
        raise PseudonymizerError(
            'the key secret is neither {"ring": [{"key_id": text, "key": base64}]} nor one such key: set it anew'
        ) from None
    if not keys:
        raise PseudonymizerError("the ring has no key: set it anew")
    if min(map(len, keys)) < MINIMUM_KEY_BYTES:
        raise PseudonymizerError(f"a key has less than {MINIMUM_KEY_BYTES} bytes: set a longer one")
    if not all(_KEY_ID.fullmatch(each.key_id) for each in listed):
        raise PseudonymizerError("key_id is not 1 to 64 letters, digits and . _ : - without spaces: name the key so")
    return Ring(listed[-1].key_id, tuple(keys))


def _listed(text: str) -> list[_Key]:
    if "ring" in msgspec.json.decode(text, type=dict[str, msgspec.Raw]):
        return msgspec.json.decode(text, type=_Secret).ring
    return [msgspec.json.decode(text, type=_Key)]
