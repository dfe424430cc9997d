"""Signature Version 4 of a Kinesis request (AWS General Reference, "Create a signed AWS API request").

Written by hand because a signature is made for every batch: the canonical request of this one operation is a constant
but for date and body, and the derived key holds for a day.
"""

import hmac
from hashlib import sha256
from time import gmtime, strftime, time
from typing import NamedTuple

_ALGORITHM = "AWS4-HMAC-SHA256"


class Credentials(NamedTuple):
    """What signs; `token` only for temporary ones."""

    access_key: str
    secret_key: str
    token: str | None


class Signer:
    """Makes the request heads of one endpoint; `host` is the Host header, with the port unless it is the scheme's."""

    def __init__(self, host: str, region: str) -> None:
        self._host = host
        self._region = region
        self._key_of: tuple[Credentials, str] | None = None
        self._key = b""

    def head(self, operation: str, body: bytes, credentials: Credentials, now: float | None = None) -> bytes:
        """Return the request's head with the blank line after it; `now` in seconds since the epoch."""
        instant = strftime("%Y%m%dT%H%M%SZ", gmtime(time() if now is None else now))
        signed = {
            "content-type": "application/x-amz-json-1.1",
            "host": self._host,
            "x-amz-date": instant,
            **({} if credentials.token is None else {"x-amz-security-token": credentials.token}),
            "x-amz-target": f"Kinesis_20131202.{operation}",
        }
        names = ";".join(signed)
        lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
        canonical = f"POST\n/\n\n{lines}\n{names}\n{sha256(body).hexdigest()}"
        scope = f"{instant[:8]}/{self._region}/kinesis/aws4_request"
        text = f"{_ALGORITHM}\n{instant}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        signature = hmac.digest(self._derived_key(credentials, instant[:8]), text.encode(), "sha256").hex()
        headers = "".join(f"{name}: {value}\r\n" for name, value in signed.items())
        return (
            f"POST / HTTP/1.1\r\n{headers}content-length: {len(body)}\r\n"
            f"authorization: {_ALGORITHM} Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}\r\n\r\n"
        ).encode()

    def _derived_key(self, credentials: Credentials, day: str) -> bytes:
        if self._key_of != (credentials, day):
            key = f"AWS4{credentials.secret_key}".encode()
            for part in (day, self._region, "kinesis", "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._key, self._key_of = key, (credentials, day)
        return self._key
