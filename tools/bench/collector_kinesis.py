"""A Kinesis that counts and keeps nothing, for benchmarks: takes PutRecords of JSON, answers `GET /` with its counts.

Prints its port when it listens. Example: python -m tools.bench.collector_kinesis
"""

from __future__ import annotations

import asyncio
import json
from typing import cast, override

import httptools
import msgspec
import uvloop


class _Records(msgspec.Struct):
    Records: list[msgspec.Raw]


_decode = msgspec.json.Decoder(_Records).decode
_TAKEN = (
    b'{"SequenceNumber":"49590338271490256608559692538361571095921575989136588898","ShardId":"shardId-000000000000"}'
)
_SUMMARY = b'{"StreamDescriptionSummary":{"StreamStatus":"ACTIVE","OpenShardCount":1}}'


class _Kinesis(asyncio.Protocol):
    calls = 0
    records = 0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._parser = httptools.HttpRequestParser(self)
        self._body: list[bytes] = []

    @override
    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        """Keep a piece."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Count and answer."""
        body = b"".join(self._body)
        self._body.clear()
        if self._parser.get_method() == b"GET":
            answer = json.dumps({"calls": _Kinesis.calls, "records": _Kinesis.records}).encode()
        elif b'"Records"' in body[:200]:
            count = len(_decode(body).Records)
            _Kinesis.calls += 1
            _Kinesis.records += count
            answer = b'{"FailedRecordCount":0,"Records":[%b]}' % b",".join([_TAKEN] * count)
        else:
            answer = _SUMMARY
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: %d\r\n\r\n" % len(answer)
        )
        self._transport.write(answer)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Kinesis, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve())
