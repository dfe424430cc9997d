from collections.abc import Callable

import pytest

from services.collector.config.settings import Buffer, Collector, Stream, Streams
from services.collector.http import head
from services.collector.request.messages import Request

type MakeRequest = Callable[..., Request]


@pytest.fixture(scope="session")
def make_request() -> MakeRequest:
    """Build a request as the protocol does; headers as `(name, value)` in order."""

    def make(
        method: str = "GET",
        target: str = "/i?e=pv",
        *headers: tuple[str, str],
        body: bytes = b"",
        peer: bytes = b"192.0.2.7",
    ) -> Request:
        lines = [f"{name}: {value}".encode() for name, value in headers]
        request = head.of(method.encode(), target.encode(), peer, lines)
        request.body = body
        return request

    return make


@pytest.fixture
def config() -> Collector:
    return Collector(
        interface="127.0.0.1",
        port=1,
        streams=Streams(
            good=Stream(name="good", region="eu-west-1", buffer=Buffer(record_limit=4, time_limit=50)),
            bad=Stream(name="bad", region="eu-west-1"),
        ),
    )
