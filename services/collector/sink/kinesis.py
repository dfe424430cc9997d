"""Calls to Kinesis over kept HTTP/1.1 connections: protocol `json` of AWS's service model.

boto3 takes two to three times the processor time for the same call.
"""

import asyncio
import ssl
from typing import cast, override
from urllib.parse import urlsplit

import httptools
import msgspec

from services.collector.sink.credentials import CredentialProvider
from services.collector.sink.signing import Signer

_CONNECT_SECONDS = 3
_ANSWER_SECONDS = 10
_WRITE_BUFFER = 8 * 1024 * 1024  # more than a request has: whoever writes never waits for the buffer


class KinesisError(Exception):
    """The call failed as a whole: nothing of it is known to be stored. The text is an error code, no data."""


class _Failure(msgspec.Struct):
    kind: str = msgspec.field(name="__type", default="UnknownError")


_failure = msgspec.json.Decoder(_Failure).decode


class Kinesis:
    """A client of one region's endpoint, for one event loop."""

    def __init__(self, endpoint: str, region: str, credentials: CredentialProvider) -> None:
        url = urlsplit(endpoint)
        self._host = url.hostname or ""
        self._tls = ssl.create_default_context() if url.scheme == "https" else None
        self._port = url.port or (443 if self._tls else 80)
        self._signer = Signer(endpoint, region)
        self._credentials = credentials
        self._idle: list[_Connection] = []

    async def call(self, operation: str, body: bytes) -> bytes:
        """Return the answer's body. Raises KinesisError; what was sent may then be stored nevertheless."""
        try:
            return await self._call(operation, body)
        except KinesisError:
            raise
        except TimeoutError:
            raise KinesisError("Timeout") from None
        except Exception as error:  # noqa: BLE001  # whatever it is, the caller keeps its records
            raise KinesisError(type(error).__name__) from None

    async def _call(self, operation: str, body: bytes) -> bytes:
        head = self._signer.head(operation, body, self._credentials.current())
        while self._idle:
            connection = self._idle.pop()
            try:
                return await self._exchange(connection, head, body)
            except ConnectionResetError:
                # The server may close a kept connection at any time: what ended before any answer is sent again.
                continue
        return await self._exchange(await self._connect(), head, body)

    async def _connect(self) -> "_Connection":
        async with asyncio.timeout(_CONNECT_SECONDS):
            _, connection = await asyncio.get_running_loop().create_connection(
                _Connection, self._host, self._port, ssl=self._tls
            )
        return connection

    async def _exchange(self, connection: "_Connection", head: bytes, body: bytes) -> bytes:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                status, answer = await connection.exchange(head, body)
        except BaseException:
            connection.abort()
            raise
        if connection.is_reusable:
            self._idle.append(connection)
        if status != 200:
            raise KinesisError(_code(status, answer))
        return answer

    def close(self) -> None:
        """Close the kept connections."""
        while self._idle:
            self._idle.pop().abort()


def _code(status: int, answer: bytes) -> str:
    try:
        kind = _failure(answer).kind.rpartition("#")[2]
    except msgspec.MsgspecError:
        kind = ""
    return kind if kind.isidentifier() else f"HTTP {status}"


class _Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._answered: asyncio.Future[tuple[int, bytes]] | None = None
        self._start()

    def _start(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self.is_reusable = True

    def exchange(self, head: bytes, body: bytes) -> asyncio.Future[tuple[int, bytes]]:
        """Send a request; the future holds status and body. Raises ConnectionResetError if the server has closed."""
        if self._transport.is_closing():
            raise ConnectionResetError
        self._start()
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(head)
        self._transport.write(body)
        return self._answered

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(_WRITE_BUFFER)

    @override
    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail(KinesisError("MalformedAnswer"))

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the answer."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Hand the answer over."""
        self.is_reusable = bool(self._parser.should_keep_alive())
        if self._answered is not None and not self._answered.done():
            self._answered.set_result((self._parser.get_status_code(), b"".join(self._body)))

    @override
    def connection_lost(self, error: Exception | None) -> None:
        self._fail(ConnectionResetError())

    def _fail(self, error: Exception) -> None:
        self.is_reusable = False
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(error)
