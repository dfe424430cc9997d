"""The head's signature holds, by the IAM User Guide, "Create a signed AWS API request"."""

import hmac
from hashlib import sha256

import pytest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from services.collector.sink.signing import Signer

HOST, REGION, SECRET = "kinesis.eu-west-1.amazonaws.com:8443", "eu-west-1", "secret/key+x"


def signature(headers: dict[str, str], names: str, body: bytes, secret: str) -> str:
    """Return the signature of a POST to / with these headers."""
    lines = "".join(f"{name}:{headers[name]}\n" for name in names.split(";"))
    canonical = f"POST\n/\n\n{lines}\n{names}\n{sha256(body).hexdigest()}"
    instant = headers["x-amz-date"]
    scope = f"{instant[:8]}/{REGION}/kinesis/aws4_request"
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{instant}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    return hmac.digest(key, text.encode(), "sha256").hex()


@pytest.mark.parametrize("token", [None, "a-token/of+some=kind"])
@given(body=st.binary(max_size=200))
def test_signature_covers_body_host_and_target(token: str | None, body: bytes) -> None:
    credentials = ReadOnlyCredentials("AKIDEXAMPLE", SECRET, token)
    head = Signer(f"https://{HOST}", REGION).head("PutRecords", body, credentials).decode()
    request_line, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert request_line == "POST / HTTP/1.1"
    assert (headers["host"], headers["content-length"]) == (HOST, str(len(body)))
    assert headers["x-amz-target"] == "Kinesis_20131202.PutRecords"
    assert headers.get("x-amz-security-token") == token
    names = headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0]
    assert {"host", "x-amz-date", "x-amz-target", *(["x-amz-security-token"] if token else [])} <= {*names.split(";")}
    assert headers["authorization"].endswith(f"Signature={signature(headers, names, body, SECRET)}")
