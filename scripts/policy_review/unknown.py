"""What events carry and the policy does not name, summed over the functions' log lines.

The functions give a name only where the policy knows it elsewhere, else its pseudonym: it could be personal data.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from scripts.policy_review.preview_output import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class _Line(msgspec.Struct):
    """What is read of a line of metrics (see `lambda_src/pseudonymizer/delivery/metrics.py`)."""

    attributes_unknown: int = msgspec.field(name="AttributesUnknown")
    unknown_attributes: dict[str, int] = msgspec.field(name="UnknownAttributes")


_DECODER = msgspec.json.Decoder(_Line)


@dataclass(slots=True)
class Drift:
    """How often each was seen; `unnamed` is how many more there were that a line had no room for."""

    lines: int = 0
    unnamed: int = 0
    seen: Counter[str] = field(default_factory=Counter)


def drift(lines: Iterable[str]) -> Drift:
    """Sum up log lines; what comes before the JSON, and lines of other kinds, are left out."""
    found = Drift()
    for line in lines:
        try:
            said = _DECODER.decode(line[line.index("{") :])
        except ValueError:  # of index, and msgspec's errors are of this type
            continue
        found.lines += 1
        found.seen.update(said.unknown_attributes)
        found.unnamed += said.attributes_unknown - sum(said.unknown_attributes.values())
    return found


def to_text(found: Drift) -> Iterator[str]:
    """Yield the report, what was seen most often first."""
    yield f"{found.lines} invocations; the policy does not name {len(found.seen)} of what they saw"
    for description, times in sorted(found.seen.items(), key=lambda each: (-each[1], each[0])):
        yield f"{times:>10}  {printable(description)}"
    if found.unnamed:
        yield f"{found.unnamed:>10}  others, for which the lines had no room"
