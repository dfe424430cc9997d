"""The head of a Kinesis request, signed by botocore's Signature Version 4."""

from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials


class Signer:
    """Makes the request heads of one endpoint, `http(s)://host[:port]`."""

    def __init__(self, endpoint: str, region: str) -> None:
        self._url = f"{endpoint}/"
        self._host = urlsplit(endpoint).netloc
        self._region = region

    def head(self, operation: str, body: bytes, credentials: ReadOnlyCredentials) -> bytes:
        """Return the request's head with the blank line after it."""
        headers = {
            "content-type": "application/x-amz-json-1.1",
            "host": self._host,
            "x-amz-target": f"Kinesis_20131202.{operation}",
        }
        request = AWSRequest("POST", self._url, headers, body)
        SigV4Auth(credentials, "kinesis", self._region).add_auth(request)
        lines = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        return f"POST / HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n\r\n".encode()
