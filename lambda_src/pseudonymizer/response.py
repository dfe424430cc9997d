"""Firehose's answer, kept below the 6 MB that Lambda can return.

Pseudonyms are longer than what they replace, so a batch of 3 MB can become many times that. A record that no longer
fits is not delivered; an answer over the limit would send the whole batch to Firehose's error prefix in clear.
"""

from typing import Literal, NotRequired, TypedDict

from lambda_src.pseudonymizer.errors import Reason, UnprocessableError

# Lambda's limit is 6 MiB; the rest is for the runtime's own envelope.
MAXIMUM_BYTES = 6_000_000
# {"recordId": "", "result": "ProcessingFailed", "data": ""} with a comma and a space.
_FIXED_BYTES = 62


class Answer(TypedDict):
    """What is said about one record."""

    recordId: str
    result: Literal["Ok", "Dropped", "ProcessingFailed"]
    data: NotRequired[str]


class Response:
    """Collects one answer per record, by position. Each has its fixed share; the data goes to those who come first."""

    def __init__(self, record_ids: list[str]) -> None:
        self._left = MAXIMUM_BYTES - sum(len(record_id) + _FIXED_BYTES for record_id in record_ids)
        # Until it is answered for, a record has failed.
        self.records: list[Answer] = [{"recordId": each, "result": "ProcessingFailed"} for each in record_ids]

    def deliver(self, position: int, data: str) -> None:
        """Take a record's base64 data. Raises UnprocessableError when it does not fit."""
        if len(data) > self._left:
            raise UnprocessableError(Reason.RESPONSE_TOO_LARGE)
        self._left -= len(data)
        self.records[position]["result"] = "Ok"
        self.records[position]["data"] = data

    def drop(self, position: int) -> None:
        """Say that Firehose need not care for the record: it is in the quarantine."""
        self.records[position]["result"] = "Dropped"
