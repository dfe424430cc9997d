from collections.abc import Callable

import pytest

from services.collector.config import Buffer, Collector, Stream, Streams
from services.collector.messages import Request

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
        sent = [(name.encode(), value.encode()) for name, value in headers]
        fields = {name.lower(): value for name, value in reversed(sent)}
        names, values = [name for name, _ in sent], [value for _, value in sent]
        return Request(method.encode(), target.encode(), peer, names, values, fields, body)

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
