"""The protocol on real sockets with small limits: what slow, greedy and broken clients get."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collector.http.connections import Connections, Limits
from services.collector.http.protocol import HttpProtocol
from services.collector.request.messages import Deferred, Request, Response

SMALL = Limits(
    body=1000, request_line=120, head=400, bodies=1500, connections=3, request_seconds=0.3, body_seconds=0.3,
    idle_seconds=0.6,
)  # fmt: skip


class Server:
    """Where it listens, the requests it got, and its connections."""

    def __init__(self, connections: Connections, port: int, requests: list[Request]) -> None:
        self.connections, self.port, self.requests = connections, port, requests

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def exchange(self, *chunks: bytes) -> bytes:
        """Send the chunks, one read of the server each, and return all that comes until the server closes."""
        reader, writer = await self.connect()
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(0.005)
        received = await reader.read()
        writer.close()
        return received


@asynccontextmanager
async def serving(
    limits: Limits, handle: Callable[[Request], Response | Deferred] | None = None
) -> AsyncIterator[Server]:
    requests: list[Request] = []

    def record(request: Request) -> Response:
        requests.append(request)
        return Response.of(200, [("X", "y")], b"ok")

    loop = asyncio.get_running_loop()
    connections = Connections(handle or record, limits)
    server = await loop.create_server(lambda: HttpProtocol(connections), "127.0.0.1", 0)
    expiry = asyncio.create_task(connections.expire())
    try:
        yield Server(connections, server.sockets[0].getsockname()[1], requests)
    finally:
        server.close()
        async with asyncio.timeout(60):
            await connections.drain()
        expiry.cancel()
        assert connections.body_bytes == 0


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  # the server's state has no event to wait for
            await asyncio.sleep(0.001)


def run(test: Coroutine[Any, Any, None]) -> None:
    uvloop.run(test)


def status(received: bytes) -> int:
    return int(received.split(b" ", 2)[1])


def test_requests_are_answered_in_turn_whether_split_or_joined() -> None:
    async def check() -> None:
        async with serving(replace(SMALL, request_seconds=10)) as server:
            message = b"POST /a/b?c HTTP/1.1\r\nHost: h\r\nX-Y:  z \t\r\nContent-Length: 3\r\n\r\nabc"
            last = b"GET /d HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
            for chunks in ([message + message + last], [bytes([byte]) for byte in message[:40]] + [message[40:], last]):
                server.requests.clear()
                received = await server.exchange(*chunks)
                assert received.count(b"HTTP/1.1 200 OK\r\nX: y\r\n") == len(server.requests)
                assert received.endswith(b"\r\nok")
                first, closing = server.requests[0], server.requests[-1]
                assert (first.method, first.target, first.body, first.peer) == (
                    b"POST",
                    b"/a/b?c",
                    b"abc",
                    b"127.0.0.1",
                )
                assert first.lines == [b"Host: h", b"X-Y: z", b"Content-Length: 3"]
                assert (closing.method, closing.target, closing.body) == (b"GET", b"/d", b"")

    run(check())


def test_chunks_are_joined_and_trailers_dropped() -> None:
    async def check() -> None:
        async with serving(SMALL) as server:
            await server.exchange(
                b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nCookie: sp=1\r\n\r\n"
            )
            (request,) = server.requests
            assert request.body == b"abcde"
            assert b"cookie" not in request.fields
            assert request.lines == [b"Host: h", b"Transfer-Encoding: chunked", b"Connection: close"]

    run(check())


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"GET /" + b"x" * 120 + b" HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 400 + b"\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: h\r\n" + b"X: y\r\n" * 100 + b"\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + b"x" * 1500, 413),
        (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", 400),
        (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        *(
            (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: %b\r\n\r\n0\r\n\r\n" % coding, 400)
            for coding in (
                b"gzip",
                b"gzip, chunked",
                b"chunked, chunked",
                b"identity",
                b"chunked\r\ntransfer-encoding: chunked",
                b"gzip\r\nTransfer-Encoding: chunked",
                b"x, chunked",
                b", chunked",
                b"",
            )
        ),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        *(
            (b"%b / %b\r\nHost: h\r\n\r\n" % (method, protocol), 400)
            for method, protocol in (
                (b"GET", b"HTTP/2.0"),
                (b"GET", b"HTTP/0.9"),
                (b"GET", b"RTSP/1.0"),
                (b"OPTIONS", b"RTSP/1.0"),
                (b"SOURCE", b"ICE/1.0"),
                (b"GET", b"HTTP/1.2"),
                (b"GET", b"HTTP/1.1 HTTP/1.1"),
                (b"GET", b"http/1.1"),
            )
        ),
        (b"GET /\r\n\r\n", 400),
        (b"GET /a\x0cb HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: h\r\nA: b\rC: d\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: h\r\nA: b\x00\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n", 400),
        (b"CONNECT a:80 HTTP/1.1\r\nHost: h\r\n\r\nabc", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        (b"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        (b"FOO / HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET / HTTP/1.1\r\nHost: h\r\nA: " + b"x" * 600_000, 400),
        (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: " + b"x" * 600_000, 400),
        (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"x" * 600_000, 400),
    ],
)
def test_malformed_or_too_large_request_is_refused_and_the_connection_closed(message: bytes, expected: int) -> None:
    async def check() -> None:
        async with serving(SMALL) as server:
            received = await server.exchange(message)
            assert status(received) == expected
            assert b"Connection: close\r\n" in received
            assert received.count(b"HTTP/1.1 ") == 1
            assert server.requests == []

    run(check())


def test_client_that_sends_all_of_a_refused_body_still_reads_the_answer() -> None:
    async def check() -> None:
        async with serving(SMALL) as server:
            head = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n"
            assert status(await server.exchange(head, *[b"x" * 300_000] * 10)) == 413

    run(check())


def test_expect_100_continue_is_answered_before_the_body_arrives() -> None:
    async def check() -> None:
        async with serving(SMALL) as server:
            reader, writer = await server.connect()
            writer.write(
                b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-Continue\r\nConnection: close\r\n\r\n"
            )
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(b"abc")
            assert status(await reader.read()) == 200
            assert server.requests[0].body == b"abc"
            writer.close()

    run(check())


def test_answer_to_head_has_the_content_length_and_no_body() -> None:
    async def check() -> None:
        async with serving(SMALL) as server:
            received = await server.exchange(b"HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            assert b"Content-Length: 2\r\n" in received
            assert received.endswith(b"\r\n\r\n")

    run(check())


@pytest.mark.parametrize(
    ("head", "connection"),
    [
        (b"GET / HTTP/1.0\r\n\r\n", b"close"),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", b"keep-alive"),
        (b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", b"close"),
        (b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", None),
    ],
)
def test_connection_is_kept_alive_or_closed_as_the_client_asks(head: bytes, connection: bytes | None) -> None:
    async def check() -> None:
        async with serving(SMALL) as server:
            received = await server.exchange(head)
            assert (b"Connection: %b\r\n" % connection in received) if connection else b"Connection:" not in received

    run(check())


def test_upgrade_header_is_ignored() -> None:
    async def check() -> None:
        async with serving(SMALL) as server:
            received = await server.exchange(
                b"POST /x HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nA: \xff\r\n"
                b"Content-Length: 2\r\n\r\na",
                b"bGET /y HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                b"GET /z HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
            )
            assert received.count(b"HTTP/1.1 200 OK") == 3
            assert [(request.target, request.body) for request in server.requests] == [
                (b"/x", b"ab"),
                (b"/y", b""),
                (b"/z", b""),
            ]
            assert server.requests[0].all(b"a") == ["�".encode()]

    run(check())


@pytest.mark.parametrize(
    "sent", [b"G", b"GET / HTTP/1.1\r\nHost: h\r\nA: b", b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab"]
)
def test_client_too_slow_for_its_request_is_timed_out(sent: bytes) -> None:
    async def check() -> None:
        async with serving(replace(SMALL, idle_seconds=60)) as server:
            async with asyncio.timeout(60):
                assert status(await server.exchange(sent)) == 408
            assert server.requests == []

    run(check())


@pytest.mark.parametrize("sent", [b"", b"\r\n\r\n", b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"])
def test_idle_connection_is_closed(sent: bytes) -> None:
    async def check() -> None:
        async with serving(SMALL) as server, asyncio.timeout(60):
            reader, writer = await server.connect()
            writer.write(sent)
            try:
                received = await reader.read()
            except ConnectionResetError:
                received = b""
            assert received.count(b"HTTP/1.1 ") == received.count(b"HTTP/1.1 200") == len(server.requests)
            writer.close()

    run(check())


def test_client_that_reads_no_answers_is_disconnected() -> None:
    async def check() -> None:
        large = Response.of(200, [], b"x" * 100_000)
        async with serving(replace(SMALL, linger_seconds=0.2), lambda _: large) as server, asyncio.timeout(60):
            client = socket.create_connection(("127.0.0.1", server.port))
            client.setblocking(False)
            loop = asyncio.get_running_loop()
            with pytest.raises(OSError, match=r"(?i)reset|broken pipe"):
                await loop.sock_sendall(client, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n" * 1_000_000)
            client.close()

    run(check())


def test_bodies_of_all_connections_together_are_bounded() -> None:
    async def check() -> None:
        async with serving(replace(SMALL, body_seconds=2)) as server:
            _, holder = await server.connect()
            holder.write(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + b"x" * 999)
            await until(lambda: server.connections.body_bytes == 999)
            received = await server.exchange(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 900\r\n\r\n" + b"x" * 899)
            assert status(received) == 503
            assert b"Retry-After: 5\r\n" in received
            holder.close()

    run(check())


def test_connections_are_bounded() -> None:
    async def check() -> None:
        async with serving(SMALL) as server:
            held = [await server.connect() for _ in range(SMALL.connections)]
            await until(lambda: len(server.connections.all) == SMALL.connections)
            assert status(await server.exchange()) == 503
            for _, writer in held:
                writer.close()

    run(check())


def test_unexpected_exception_is_a_500_and_logged_without_the_request(caplog: pytest.LogCaptureFixture) -> None:
    def break_down(request: Request) -> Response:
        raise ValueError(request.target)

    ids = []

    async def check() -> None:
        async with serving(SMALL, break_down) as server:
            for _ in range(2):
                received = await server.exchange(b"GET /canary HTTP/1.1\r\nHost: h\r\nX-Request-Id: canary\r\n\r\n")
                assert status(received) == 500
                (line,) = [line for line in received.decode().split("\r\n") if line.startswith("X-Request-Id: ")]
                ids.append(line.removeprefix("X-Request-Id: "))

    caplog.set_level("DEBUG")
    run(check())
    assert len(set(ids)) == 2
    for request_id, record in zip(ids, caplog.records, strict=True):
        assert record.getMessage().startswith(f"request {UUID(request_id)} was answered with 500: ValueError at ")
    assert "canary" not in caplog.text


def test_draining_ends_idle_connections_and_answers_what_has_begun() -> None:
    async def check() -> None:
        async with serving(replace(SMALL, body_seconds=5, idle_seconds=60)) as server:
            idle_reader, idle_writer = await server.connect()
            reader, writer = await server.connect()
            writer.write(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na")
            await until(lambda: server.connections.body_bytes == 1)
            drained = asyncio.create_task(server.connections.drain())
            assert await idle_reader.read() == b""
            assert not drained.done()
            writer.write(b"b")
            received = await reader.read()
            assert status(received) == 200
            assert b"Connection: close\r\n" in received
            writer.close()
            idle_writer.close()
            async with asyncio.timeout(60):
                await drained

    run(check())


def test_draining_waits_no_longer_for_a_client_that_does_not_read_its_answers() -> None:
    async def check() -> None:
        large = Response.of(200, [], b"x" * 4_000_000)
        limits = replace(SMALL, idle_seconds=600, linger_seconds=0.2)
        async with serving(limits, lambda _: large) as server:
            client = socket.create_connection(("127.0.0.1", server.port))
            client.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n" * 4)
            await until(lambda: server.connections.answers[2] == 4)
            async with asyncio.timeout(60):  # the idle time is ten minutes
                await server.connections.drain()
            client.close()

    run(check())


class Store:
    """Answers each request when `release` is called, as in durable mode; the answers tell the requests apart."""

    def __init__(self) -> None:
        self.stored: list[asyncio.Future[None]] = []

    def handle(self, request: Request) -> Response | Deferred:
        answer = Response.of(200, [], request.target)
        if request.target == b"/none":
            return Response.of(404, [], request.target)
        if request.target == b"/closes":
            return Response.of(400, [], request.target, closes=True)
        self.stored.append(asyncio.get_running_loop().create_future())
        return Deferred(answer, self.stored[-1])

    def release(self) -> None:
        for each in self.stored:
            each.set_result(None)


async def pipelined(message: bytes, count: int, *, drain: bool = False) -> list[bytes]:
    """Send the message, release the records when there are `count`; return each answer's status and body."""
    store = Store()
    async with serving(replace(SMALL, request_seconds=20), store.handle) as server, asyncio.timeout(60):
        reader, writer = await server.connect()
        writer.write(message)
        await until(lambda: len(store.stored) == count)
        draining = asyncio.create_task(server.connections.drain()) if drain else None
        await asyncio.sleep(0)
        store.release()
        received = await reader.read()
        writer.close()
        if draining is not None:
            await draining
    return [part[:3] + b" " + part.rpartition(b"\r\n\r\n")[2] for part in received.split(b"HTTP/1.1 ")[1:]]


def get(target: bytes, *lines: bytes) -> bytes:
    return b"GET %b HTTP/1.1\r\nHost: h\r\n%b\r\n" % (target, b"".join(line + b"\r\n" for line in lines))


def test_draining_answers_every_pipelined_request_whose_record_is_stored() -> None:
    async def check() -> None:
        answers = await pipelined(get(b"/1") + get(b"/none") + get(b"/2") + get(b"/3"), 3, drain=True)
        assert answers == [b"200 /1", b"404 /none", b"200 /2", b"200 /3"]

    run(check())


@pytest.mark.parametrize(
    ("last", "answers"),
    [
        (b"\0", [b"400 "]),
        (get(b"/closes") + get(b"/9"), [b"400 /closes"]),
        (get(b"/none", b"Connection: close") + get(b"/9"), [b"404 /none"]),
        (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n", [b"413 "]),
        (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", [b"400 "]),
    ],
    ids=["broken input", "an answer that closes", "the client closes", "too large", "coded"],
)
def test_refusal_comes_behind_the_answers_that_wait_for_their_records(last: bytes, answers: list[bytes]) -> None:
    async def check() -> None:
        assert await pipelined(get(b"/1") + get(b"/2") + last, 2) == [b"200 /1", b"200 /2", *answers]

    run(check())


def test_response_can_end_the_connection() -> None:
    async def check() -> None:
        async with serving(SMALL, Store().handle) as server:
            received = await server.exchange(get(b"/closes") + get(b"/none"))
            assert received.count(b"HTTP/1.1 ") == 1
            assert b"\r\nConnection: close\r\n" in received

    run(check())


def test_answers_are_counted_by_the_class_of_their_status() -> None:
    async def check() -> None:
        async with serving(SMALL, lambda request: Response.of(int(request.target[1:]))) as server:
            for status in (b"200", b"204", b"302", b"404", b"503"):
                await server.exchange(get(b"/" + status, b"Connection: close"))
            await server.exchange(b"nonsense\r\n\r\n")
            await server.exchange(get(b"/not-a-number"))
            assert server.connections.answers == [0, 0, 2, 1, 2, 2]

    run(check())


class Recorder:
    """A transport that keeps the names of the calls it gets."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., object]:
        def call(*_: object) -> object:
            self.calls.append(name)
            return ("192.0.2.7", 1) if name == "get_extra_info" else False

        return call


@pytest.mark.parametrize(
    ("end", "calls"),
    [
        (HttpProtocol.eof_received, ["is_closing", "write"]),  # the loop then closes
        (HttpProtocol.close_if_idle, ["is_closing", "write", "close"]),
        (lambda protocol: protocol.data_received(b"\0"), ["is_closing", "write", "is_closing", "write"]),
    ],
    ids=["the client has closed", "draining", "broken input"],
)
def test_answer_of_the_turn_is_written_before_the_connection_ends(
    end: Callable[[HttpProtocol], object], calls: list[str]
) -> None:
    async def check() -> None:
        protocol, transport = HttpProtocol(Connections(lambda _: Response.of(200), SMALL)), Recorder()
        protocol.connection_made(cast("Any", transport))
        protocol.data_received(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert transport.calls == ["get_extra_info"]
        end(protocol)
        assert transport.calls[1:][: len(calls)] == calls

    run(check())


def test_client_that_half_closes_still_gets_the_answer() -> None:
    async def check() -> None:
        async with serving(SMALL) as server:
            reader, writer = await server.connect()
            writer.write(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            writer.write_eof()
            assert status(await reader.read()) == 200
            writer.close()

    run(check())


def test_answers_of_a_turn_are_written_behind_each_other_in_order() -> None:
    async def check() -> None:
        async with serving(SMALL) as server:
            received = await server.exchange(
                b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
                b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n",
                b"aPOST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n",
            )
            assert [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]] == [200, 100, 200, 413]

    run(check())


pieces = st.sampled_from(
    [b"GET / HTTP/1.1\r\nHost: h\r\n", b"POST /a/b HTTP/1.1\r\nHost: h\r\n", b"Content-Length: 3\r\n",
     b"Connection: close\r\n", b"Transfer-Encoding: chunked\r\n", b"Upgrade: x\r\n",
     b"Expect: 100-continue\r\n", b"\r\n",
     b"abc",
     b"3\r\nabc\r\n0\r\n\r\n",
     b"\xff\x00", b"A: \xff\r\n", b" ", b":"]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(pieces, st.binary(max_size=20)), max_size=12))
def test_any_bytes_are_answered_or_refused_and_the_connection_ends(chunks: list[bytes]) -> None:
    async def check() -> None:
        limits = replace(SMALL, request_seconds=0.05, body_seconds=0.05, idle_seconds=0.05)
        async with serving(limits) as server, asyncio.timeout(60):
            reader, writer = await server.connect()
            writer.write(b"".join(chunks))
            try:
                received = await reader.read()
            except ConnectionResetError:
                received = b""
            writer.close()
            assert received == b"" or received.startswith(b"HTTP/1.1 ")
            assert b" 500 " not in received

    run(check())
