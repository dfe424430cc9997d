import base64
import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from lambda_src.pseudonymizer.errors import PseudonymizerError
from lambda_src.pseudonymizer.key import MAXIMUM_AGE_SECONDS, REFRESH_SECONDS, KeySource
from lambda_src.pseudonymizer.pseudonym import check_value


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


def one(key: bytes, key_id: str = "k") -> dict[str, str]:
    return {"key_id": key_id, "key": base64.b64encode(key).decode()}


def ring(*keys: bytes) -> str:
    return json.dumps({"ring": [one(key, f"k{number}") for number, key in enumerate(keys)]})


def secret(key: bytes) -> str:
    return json.dumps(one(key))


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
    assert source.current().keys == (b"a" * 32,)
    secrets.secret = secret(b"b" * 32)
    clock.now += REFRESH_SECONDS - 1
    assert source.current().keys == (b"a" * 32,)
    clock.now += 1
    assert source.current().keys == (b"b" * 32,)


def test_an_outage_is_bridged_for_a_bounded_time(source: KeySource, secrets: Secrets, clock: Clock) -> None:
    source.current()
    secrets.secret = None
    clock.now += MAXIMUM_AGE_SECONDS - 1
    assert source.current().keys == (b"a" * 32,)
    clock.now += 1
    with pytest.raises(PseudonymizerError):
        source.current()


def test_a_key_never_shows_its_bytes(source: KeySource) -> None:
    assert "aaaa" not in repr(source.current())


def test_a_key_by_itself_is_a_ring_of_one(source: KeySource, secrets: Secrets, clock: Clock) -> None:
    alone = source.current()
    secrets.secret = json.dumps({"ring": [one(b"a" * 32)]})
    clock.now += REFRESH_SECONDS
    assert source.current() == alone


def test_a_ring_keeps_its_order_and_has_the_name_of_its_last_key(source: KeySource, secrets: Secrets) -> None:
    secrets.secret = ring(b"a" * 32, b"b" * 32)
    assert (source.current().id, source.current().keys) == ("k1", (b"a" * 32, b"b" * 32))


@pytest.mark.parametrize(
    "text", ['{"ring": []}', '{"ring": {}}', "[]", "", '{"ring": [1]}', ring(b"a" * 32, b"short"), '{"key_id": "k"}']
)
def test_a_secret_that_is_no_ring_is_refused_without_being_quoted(
    source: KeySource, secrets: Secrets, text: str
) -> None:
    secrets.secret = text
    with pytest.raises(PseudonymizerError) as caught:
        source.current()
    assert base64.b64encode(b"short").decode() not in str(caught.value)


def test_a_key_that_does_not_fit_the_deployed_check_value_is_refused(secrets: Any, clock: Clock) -> None:
    fitting = check_value([b"a" * 32])
    source = KeySource(secrets, "arn", clock, checks=["0" * 64, fitting])
    assert source.current().keys == (b"a" * 32,)
    secrets.secret = secret(b"b" * 32)
    clock.now += REFRESH_SECONDS
    with pytest.raises(PseudonymizerError, match="does not fit KEY_CHECKS"):
        source.current()
    secrets.secret = ring(b"a" * 32, b"b" * 32)
    with pytest.raises(PseudonymizerError, match="does not fit KEY_CHECKS"):
        source.current()
