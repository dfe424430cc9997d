"""Firehose's answer, kept below what Lambda can return, and all that is derived from this limit.

An answer over the limit would put the whole batch in clear into Firehose's error prefix: docs/adr/0007-sizes.md.
"""

from math import floor
from typing import Literal, NotRequired, TypedDict

# Lambda's limit is 6 MiB; the rest is for the runtime's own envelope.
MAXIMUM_BYTES = 6_000_000
# {"recordId": "", "result": "ProcessingFailed", "data": ""} with a comma and a space.
_FIXED_BYTES = 62

# What Firehose gathers is its buffer hint and at most one record more.
LARGEST_RECORD_BYTES = 1_000_000
# Usual events grow by 1.3 to 2; up to this growth no batch overflows, whatever the environment.
PLANNED_GROWTH = 3.0
# Base64 needs four bytes for three. modules/delivery refuses a larger hint, in MB of 2^20 bytes.
LARGEST_BUFFER_MB = floor((MAXIMUM_BYTES * 3 / 4 / PLANNED_GROWTH - LARGEST_RECORD_BYTES) / 2**20 * 10) / 10
# The worst there is: `1,` in a JSON text in a JSON text becomes 64 digits, 2 quotation marks of 4 bytes, a comma.
WORST_GROWTH = (64 + 2 * 4 + 1) / 2


class Answer(TypedDict):
    """What is said about one record."""

    recordId: str
    result: Literal["Ok", "Dropped", "ProcessingFailed"]
    data: NotRequired[str]


class Response:
    """Collects one answer per record, by position. Each has its fixed share; what grew least is delivered first."""

    def __init__(self, record_ids: list[str]) -> None:
        self._left = MAXIMUM_BYTES - sum(map(len, record_ids)) - _FIXED_BYTES * len(record_ids)
        self._growth: dict[int, float] = {}
        # Until it is answered for, a record has failed.
        self.records: list[Answer] = [{"recordId": each, "result": "ProcessingFailed"} for each in record_ids]

    def deliver(self, position: int, data: str, growth: float) -> None:
        """Take a record's base64 data, which is `growth` times as long as the original."""
        self._left -= len(data)
        self._growth[position] = growth
        answer = self.records[position]
        answer["result"] = "Ok"
        answer["data"] = data

    def withdraw_overflow(self) -> list[int]:
        """Take back what does not fit and return its positions: what grew most goes first, it displaces no other."""
        withdrawn: list[int] = []
        if self._left >= 0:
            return withdrawn
        for position in sorted(self._growth, key=self._growth.__getitem__, reverse=True):
            if self._left >= 0:
                break
            self._left += len(self.records[position].pop("data"))
            self.records[position]["result"] = "ProcessingFailed"
            withdrawn.append(position)
        return withdrawn

    def drop(self, position: int) -> None:
        """Say that Firehose need not care for the record: it is in the quarantine."""
        self.records[position]["result"] = "Dropped"
