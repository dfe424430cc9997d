"""What a request's head must be beyond its syntax, which the parser checks."""

from collections.abc import Callable

from services.collector.connections import Limits
from services.collector.messages import Request

_VERSION_LENGTH = len("  HTTP/1.1")


def is_too_large(method: bytes, target: bytes, names: list[bytes], values: list[bytes], limits: Limits) -> bool:
    """Tell whether the request line or the headers exceed their limits."""
    # Each line has four characters more than name and value.
    headers = sum(map(len, names)) + sum(map(len, values)) + 4 * len(names)
    return len(method) + len(target) + _VERSION_LENGTH > limits.request_line or headers > limits.head


def has_one_host(request: Request, version: Callable[[], str]) -> bool:
    """Tell whether the request names one host; HTTP/1.0 may name none."""
    if b"host" not in request.fields:
        return version() == "1.0"
    return len(request.fields) == len(request.names) or len(request.all(b"host")) == 1


def without_upgrade(request: Request, names: list[bytes], values: list[bytes]) -> bytes:
    """Render the head again without the wish to switch the protocol."""
    headers = zip(names, values, strict=True)
    kept = [b"%b: %b\r\n" % (name, value) for name, value in headers if name.lower() != b"upgrade"]
    return b"%b %b HTTP/1.1\r\n%b\r\n" % (request.method, request.target, b"".join(kept))
