"""Corrupt records, put on the streams directly: none that a collector or an enricher would write."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

    from scripts.rehearsal.canaries import Canaries
    from scripts.rehearsal.ledger import Ledger

CLIENT = "corrupt"


def send(kinesis: KinesisClient, streams: dict[str, str], canaries: Canaries, ledger: Ledger) -> None:
    """Put one unreadable record on each stream; `streams` maps raw-good, raw-bad, … to the streams' names."""
    canary = canaries.text("corrupt record").encode()
    _put(kinesis, streams["raw-good"], b"\x0b\x00\x64" + canary)
    ledger.add(CLIENT, "enriched-bad")
    for stream, record in (
        ("enriched-good", b"too\tfew\tcolumns\t" + canary),
        ("enriched-good", b"\t" * 129 + b"\xff\xfe\t" + canary),
        ("enriched-bad", b'{"schema": "' + canary),
        ("raw-bad", b"\xff\xfe" + canary),
    ):
        _put(kinesis, streams[stream], record)
        ledger.add(CLIENT, "quarantine")


def _put(kinesis: KinesisClient, stream: str, record: bytes) -> None:
    kinesis.put_record(StreamName=stream, Data=record, PartitionKey="corrupt")
