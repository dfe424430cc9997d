import base64
import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from lambda_src.pseudonymizer.errors import PseudonymizerError
from lambda_src.pseudonymizer.key import MAXIMUM_AGE_SECONDS, REFRESH_SECONDS, KeySource


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Secrets:
    """Answers with the secret that it holds, or not at all."""

    def __init__(self) -> None:
        self.secret: str | None = secret(b"a" * 32)

    def get_secret_value(self, **_: str) -> dict[str, str]:
        if self.secret is None:
            raise EndpointConnectionError(endpoint_url="https://secrets")
        return {"SecretString": self.secret}


def secret(key: bytes) -> str:
    return json.dumps({"key_id": "k", "key": base64.b64encode(key).decode()})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def secrets() -> Secrets:
    return Secrets()


@pytest.fixture
def source(secrets: Any, clock: Clock) -> KeySource:
    return KeySource(secrets, "arn", clock)


def test_a_rotated_key_is_used_after_the_refresh_and_not_before(
    source: KeySource, secrets: Secrets, clock: Clock
) -> None:
    assert source.current().secret == b"a" * 32
    secrets.secret = secret(b"b" * 32)
    clock.now += REFRESH_SECONDS - 1
    assert source.current().secret == b"a" * 32
    clock.now += 1
    assert source.current().secret == b"b" * 32


def test_an_outage_is_bridged_for_a_bounded_time(source: KeySource, secrets: Secrets, clock: Clock) -> None:
    source.current()
    secrets.secret = None
    clock.now += MAXIMUM_AGE_SECONDS - 1
    assert source.current().secret == b"a" * 32
    clock.now += 1
    with pytest.raises(PseudonymizerError):
        source.current()


def test_a_key_never_shows_its_bytes(source: KeySource) -> None:
    assert "aaaa" not in repr(source.current())
