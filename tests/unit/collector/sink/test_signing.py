"""The signature is the one that botocore makes, and follows the day and the credentials."""

import datetime as dt
from unittest.mock import patch

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from services.collector.sink.signing import Credentials, Signer


def expected(host: str, region: str, body: bytes, credentials: Credentials, now: float) -> str:
    request = AWSRequest(
        "POST", f"https://{host}/", {"Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "Kinesis_20131202.PutRecords", "Host": host}, body,
    )  # fmt: skip
    instant = dt.datetime.fromtimestamp(now, dt.UTC)
    with patch("botocore.auth.get_current_datetime", return_value=instant):
        SigV4Auth(BotocoreCredentials(*credentials), "kinesis", region).add_auth(request)
    return str(request.headers["Authorization"])


@pytest.mark.parametrize("token", [None, "a-token/of+some=kind"])
@given(body=st.binary(max_size=200), now=st.integers(0, 4_000_000_000))
def test_the_signature_is_botocores(token: str | None, body: bytes, now: int) -> None:
    host, region = "kinesis.eu-west-1.amazonaws.com", "eu-west-1"
    credentials = Credentials("AKIDEXAMPLE", "secret/key+x", token)
    head = Signer(host, region).head("PutRecords", body, credentials, now)
    lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:-2])
    assert lines["authorization"] == expected(host, region, body, credentials, now)
    assert lines["content-length"] == str(len(body))
    assert head.endswith(b"\r\n\r\n")


def test_a_signer_follows_the_day_and_the_credentials() -> None:
    host, region, day = "127.0.0.1:4566", "eu-central-1", 86_400
    signer = Signer(host, region)
    first, second = Credentials("A", "a", None), Credentials("B", "b", "t")
    for now, credentials in [(0, first), (day, first), (day, second), (0, first)]:
        signed = signer.head("PutRecords", b"{}", credentials, now).decode()
        assert expected(host, region, b"{}", credentials, now) in signed
