"""One HTTP request to the collector, with exactly the headers that are given."""

import http.client
import json
from collections.abc import Mapping

TP2 = "/com.snowplowanalytics.snowplow/tp2"
PAYLOAD_DATA = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
JSON = "application/json; charset=UTF-8"


def request(
    host: str, port: int, method: str, target: str, headers: Mapping[str, str] = {}, body: bytes | None = None
) -> int:
    """Send one request on a connection of its own and return the status. Raises OSError."""
    connection = http.client.HTTPConnection(host, port, timeout=30)
    try:
        connection.putrequest(method, target, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def batch(*events: Mapping[str, str]) -> bytes:
    """Return a tp2 POST body of the events."""
    return json.dumps({"schema": PAYLOAD_DATA, "data": events}).encode()
