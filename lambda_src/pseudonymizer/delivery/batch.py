"""One batch: each record is transformed, or put into the quarantine, or failed; none is lost and none stops another."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from time import perf_counter
from typing import Any, TypedDict

import pybase64

from lambda_src.pseudonymizer.delivery import metrics
from lambda_src.pseudonymizer.delivery.quarantine import Quarantine, Rejected
from lambda_src.pseudonymizer.delivery.response import Answer, Response
from lambda_src.pseudonymizer.errors import Reason, UnprocessableError
from lambda_src.pseudonymizer.formats import enriched_event, failed_event, provenance
from lambda_src.pseudonymizer.formats.format import Format, Stamp
from lambda_src.pseudonymizer.key import KeySource, Ring
from lambda_src.pseudonymizer.policy.policy import Policy
from lambda_src.pseudonymizer.pseudonym import LENGTH
from lambda_src.pseudonymizer.transform import bound_policy

FORMATS: dict[str, Callable[[bound_policy.Plan, Stamp], Format[Any]]] = {
    "output": enriched_event.make,
    "enriched-bad": failed_event.make,
    "raw-bad": failed_event.make,
}
STAMPS = {
    "output": provenance.of_enriched_event,
    "enriched-bad": provenance.of_failed_event,
    "raw-bad": provenance.of_failed_event,
}


class Record(TypedDict):
    """One record as Firehose sends it; `data` is base64, the timestamp is in ms since the epoch."""

    recordId: str
    data: str
    approximateArrivalTimestamp: int


@dataclass(frozen=True)
class _Bound:
    """A delivery's format under one ring of keys."""

    ring: Ring
    plan: bound_policy.Plan
    format: Format[Any]
    counting: Callable[[], tuple[bound_policy.Plan, Format[Any]]]

    @property
    def longest_uncounted(self) -> int:
        """Bytes of a line that has no room for as many pseudonyms as would be refused, in an array or in all."""
        return LENGTH * min(self.plan.limits.values_in_array, self.plan.limits.pseudonyms_in_record)

    @cached_property
    def _counting(self) -> tuple[bound_policy.Plan, Format[Any]]:
        return self.counting()

    def pseudonyms(self, original: bytes) -> int:
        """Return how many different pseudonyms a record asks for. Raises UnprocessableError when they are too many.

        The record is treated once more by itself, with counts of its own, and arrays are looked at: too dear for all.
        """
        plan, form = self._counting
        plan.actions.forget()
        try:
            form.line(original)
            pseudonyms = plan.actions.remembered
        finally:
            plan.actions.forget()
        if pseudonyms > plan.limits.pseudonyms_in_record:
            raise UnprocessableError(Reason.TOO_MANY_VALUES)
        return pseudonyms


class Pseudonymizer:
    """A delivery's format under the policy and the current ring of keys."""

    def __init__(self, delivery: str, policy: Policy, keys: KeySource, quarantine: Quarantine) -> None:
        """`delivery` is one of FORMATS."""
        self._delivery = delivery
        self._policy = policy
        self._keys = keys
        self._quarantine = quarantine
        self._bound: _Bound | None = None

    def answer(self, records: Sequence[Record]) -> list[Answer]:
        """Answer for each record, in order, and print the batch's metrics.

        Raises PseudonymizerError before a record is touched when there is no usable key.
        """
        started = perf_counter()
        bound = self._bind()
        counts = bound.plan.actions.counts
        counts.reset()
        measured = metrics.Measured(key_age_seconds=self._keys.age)
        response = Response([record["recordId"] for record in records])
        rejected: dict[int, Rejected] = {}
        originals: dict[int, bytes] = {}
        read: list[object] = []
        for position, record in enumerate(records):
            try:
                original = _decoded(record["data"])
                measured.bytes_in += len(original)
                read.append(bound.format.read(original))
                originals[position] = original
            except UnprocessableError as problem:
                rejected[position] = Rejected(record, problem.reason)
            except Exception:  # noqa: BLE001 - a defect of ours costs one record's delivery, not the batch
                rejected[position] = Rejected(record, Reason.INTERNAL_ERROR)
        lines = _lines(bound, originals, read)
        for position in [position for position, line in lines.items() if len(line) > bound.longest_uncounted]:
            try:
                measured.most_pseudonyms = max(measured.most_pseudonyms, bound.pseudonyms(originals[position]))
            except UnprocessableError as problem:
                rejected[position] = Rejected(records[position], problem.reason)
        bound.plan.actions.forget()
        for position, original in originals.items():
            if position in rejected:
                continue
            if position not in lines:
                rejected[position] = Rejected(records[position], Reason.INTERNAL_ERROR)
                continue
            line = lines[position]
            response.deliver(position, pybase64.b64encode_as_string(line), len(line) / len(original))
            measured.bytes_out += len(line)
        for position in response.withdraw_overflow():
            rejected[position] = Rejected(records[position], Reason.RESPONSE_TOO_LARGE)
        measured.delivered = len(records) - len(rejected)
        measured.quarantined, measured.failed = self._put_aside(rejected, response)
        measured.milliseconds = (perf_counter() - started) * 1000
        properties = {"Delivery": self._delivery, "PolicyVersion": self._policy.version, "KeyId": bound.ring.id}
        print(metrics.line(properties, measured, counts), flush=True)
        return response.records

    def _put_aside(self, rejected: dict[int, Rejected], response: Response) -> tuple[Counter[Reason], int]:
        quarantined: Counter[Reason] = Counter()
        stored = self._quarantine.write(list(rejected.values()))
        for (position, each), is_stored in zip(rejected.items(), stored, strict=True):
            if is_stored:
                response.drop(position)
                quarantined[each.reason] += 1
        return quarantined, len(rejected) - quarantined.total()

    def _bind(self) -> _Bound:
        ring = self._keys.current()
        if self._bound is None or self._bound.ring != ring:
            made = bound_policy.make(self._policy, ring.keys)
            stamp = STAMPS[self._delivery](self._policy.version, ring.id)
            form = FORMATS[self._delivery](made, stamp)
            self._bound = _Bound(ring, made, form, partial(_counting, self._policy, ring, self._delivery))
        return self._bound


def _counting(policy: Policy, ring: Ring, delivery: str) -> tuple[bound_policy.Plan, Format[Any]]:
    plan = bound_policy.make(policy, ring.keys, bounds_arrays=True)
    return plan, FORMATS[delivery](plan, str)


def _decoded(data: str) -> bytes:
    try:
        return pybase64.b64decode(data, validate=True)
    except ValueError:
        raise UnprocessableError(Reason.NOT_BASE64) from None


def _lines(bound: _Bound, originals: Mapping[int, bytes], read: Sequence[object]) -> dict[int, bytes]:
    """Return the lines to deliver of what was read, by position; without those in which a defect of ours shows."""
    try:
        return dict(zip(originals, map(_ended, bound.format.treat(read)), strict=True))
    except Exception:  # noqa: BLE001 - each by itself shows which record it is; the text may quote one
        bound.plan.actions.counts.reset()
    lines: dict[int, bytes] = {}
    for position, original in originals.items():
        with suppress(Exception):
            lines[position] = _ended(bound.format.line(original))
    return lines


def _ended(line: str) -> bytes:
    return f"{line}\n".encode()
