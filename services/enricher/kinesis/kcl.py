"""The fleet's source: one shard, as the Kinesis Client Library's daemon hands it to its child process.

The MultiLangDaemon (KCL 3.1) writes one JSON object a line to standard input and reads answers from standard output.
Each of its messages is answered by a status when all of it is done; between the two the child may ask for a checkpoint,
which the daemon answers. It waits for ever: an answer that never comes blocks the shard, a child that ends ends it.
"""

import logging
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO, Literal

import msgspec
from msgspec import Struct

from services.enricher.kinesis.interface import Batch, Position
from services.enricher.kinesis.leases import SHARD_END
from services.enricher.support import aws

_log = logging.getLogger(__name__)
# Simple class names of Java's exceptions, as the answer to a checkpoint has them.
_LEASE_LOST = "ShutdownException"
_PASSING = {"ThrottlingException", "KinesisClientLibDependencyException"}


class ProtocolError(Exception):
    """The daemon breaks the protocol, or refuses a checkpoint for good: what was expected and what came, by name."""


class _Record(Struct, rename="camel"):
    data: bytes
    sequence_number: str
    approximate_arrival_timestamp: int | None = None


class _Message(Struct, rename="camel"):
    action: Literal[
        "initialize", "processRecords", "checkpoint", "leaseLost", "shardEnded", "shutdownRequested", "shutdown"
    ]
    shard_id: str = ""
    records: list[_Record] = []
    millis_behind_latest: int | None = None
    error: str | None = None


class KclSource:
    """A `Source` of one shard; ends with the daemon's end of input. `wait` takes seconds."""

    def __init__(self, requests: BinaryIO, answers: BinaryIO, wait: Callable[[float], object] = time.sleep) -> None:
        self._requests = requests
        self._answers = answers
        self._wait = wait
        self._decoder = msgspec.json.Decoder(_Message)
        self._shard_id = ""

    def batches(self) -> Iterator[Batch]:
        """Yield each batch, and answer for it when the next is asked for. Raises ProtocolError."""
        while message := self._read():
            if message.action == "initialize":
                self._shard_id = message.shard_id
            elif message.action == "processRecords" and message.records:
                position = Position(self._shard_id, message.records[-1].sequence_number)
                yield Batch(
                    [record.data for record in message.records],
                    position,
                    arrived=message.records[0].approximate_arrival_timestamp,
                    behind=message.millis_behind_latest,
                )
            elif message.action == "shardEnded":
                yield Batch([], Position(self._shard_id, SHARD_END))
            # Nothing is in flight between two messages: at leaseLost and shutdownRequested there is nothing to finish.
            self._write({"action": "status", "responseFor": message.action})

    def checkpoint(self, position: Position) -> None:
        """Let the daemon write the checkpoint; once the lease is lost, another reads on from the one before.

        Raises ProtocolError.
        """
        for seconds in aws.waits():
            # Without a number it is the end of what was handed out last, also inside an aggregated record.
            self._write({"action": "checkpoint", "sequenceNumber": None, "subSequenceNumber": None})
            answer = self._read()
            if answer is None or answer.action != "checkpoint":
                raise ProtocolError("the daemon did not answer a checkpoint")
            if answer.error is None:
                return
            if answer.error == _LEASE_LOST:
                _log.warning("shard %s: lease lost, its next owner repeats the last batch", position.shard_id)
                return
            if answer.error not in _PASSING:
                raise ProtocolError(f"checkpoint of shard {position.shard_id}: {answer.error}")
            _log.warning("checkpoint of shard %s: %s, trying again", position.shard_id, answer.error)
            self._wait(seconds)

    def _read(self) -> _Message | None:
        line = self._requests.readline()
        if not line:
            return None
        try:
            return self._decoder.decode(line)
        except msgspec.DecodeError:  # its text can quote the line, and the line holds events
            raise ProtocolError("the daemon sent a line that is not a message of the MultiLang protocol") from None

    def _write(self, message: dict[str, str | None]) -> None:
        self._answers.write(msgspec.json.encode(message) + b"\n")
        self._answers.flush()
