"""Events before and after the real transform, under a key that is thrown away."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambda_src.pseudonymizer.delivery.batch import FORMATS
from lambda_src.pseudonymizer.errors import Reason, UnprocessableError
from lambda_src.pseudonymizer.pseudonym import MINIMUM_KEY_BYTES
from lambda_src.pseudonymizer.transform import bound_policy
from scripts.policy_review import attributes
from wire.columns import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_src.pseudonymizer.policy.policy import Policy
    from scripts.policy_review.attributes import Attribute


@dataclass(frozen=True, slots=True)
class Preview:
    """One line of the given events; `after` is the transform's own output, None where the line is quarantined."""

    number: int  # of the line, from 1
    delivery: str
    after: str | None
    reason: Reason | None
    attributes: tuple[Attribute, ...]


def throw_away_key() -> bytes:
    """Return a new random key, which is stored nowhere."""
    return secrets.token_bytes(MINIMUM_KEY_BYTES)


def previews(events: bytes, policy: Policy, key: bytes) -> Iterator[Preview]:
    """Transform each line of `events`: enriched events as TSV, failed events as JSON; empty lines are left out."""
    made = bound_policy.make(policy, [key])
    formats = {delivery: FORMATS[delivery](made, str) for delivery in ("output", "enriched-bad")}
    for number, record in enumerate(events.split(b"\n"), 1):
        if not record.strip():
            continue
        is_event = record.count(b"\t") == len(COLUMNS) - 1 or not record.lstrip().startswith(b"{")
        delivery = "output" if is_event else "enriched-bad"
        try:
            after = formats[delivery].line(record)
        except UnprocessableError as problem:
            yield Preview(number, delivery, None, problem.reason, ())
            continue
        except Exception:  # noqa: BLE001 - as in the function: a defect costs one event
            yield Preview(number, delivery, None, Reason.INTERNAL_ERROR, ())
            continue
        split = attributes.of_event if delivery == "output" else attributes.of_failed_event
        yield Preview(number, delivery, after, None, tuple(split(record.decode(), after)))
