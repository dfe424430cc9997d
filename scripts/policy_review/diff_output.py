"""A diff for a terminal, for a merge request and for machines."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from scripts.policy_review.diff import Kind
from scripts.policy_review.preview_output import printable, shortened
from scripts.policy_review.samples import of_change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scripts.policy_review.diff import Change
    from scripts.policy_review.samples import Sample

NOTHING = "Nothing changes in what the policy shows."
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~@&:])")


def to_text(changes: Sequence[Change], samples: Sequence[Sample]) -> Iterator[str]:
    """Yield the lines for a terminal."""
    if not changes:
        yield NOTHING
    for kind, some in _by_kind(changes):
        yield f"{_title(kind)} ({len(some)})"
        for change in some:
            yield f"  - {printable(change.sentence)}  [{change.at}]"
            yield from (f"      {_sample(each, shortened)}" for each in of_change(samples, change))


def to_markdown(changes: Sequence[Change], samples: Sequence[Sample]) -> Iterator[str]:
    """Yield the lines for a merge request; nothing in them is read as Markdown, HTML or a mention."""
    if not changes:
        yield NOTHING
    for kind, some in _by_kind(changes):
        yield f"### {_title(kind)} ({len(some)})"
        yield ""
        for change in some:
            yield f"- {_plain(change.sentence)} {_code(change.at)}"
            yield from (f"  - {_sample(each, _code)}" for each in of_change(samples, change))
        yield ""


def to_json(changes: Sequence[Change], samples: Sequence[Sample]) -> str:
    """Return one JSON document."""
    return json.dumps(
        {
            "becomes_visible": any(change.kind is Kind.VISIBLE for change in changes),
            "changes": [
                {
                    "kind": change.kind,
                    "path": ".".join(change.path),
                    "at": change.at,
                    "sentence": change.sentence,
                    "samples": [
                        {
                            "attribute": str(each.where),
                            "value": each.value,
                            "old": each.old.after,
                            "new": each.new.after,
                        }
                        for each in of_change(samples, change)
                    ],
                }
                for change in changes
            ],
        },
        indent=2,
    )


def _by_kind(changes: Sequence[Change]) -> Iterator[tuple[Kind, list[Change]]]:
    for kind in Kind:
        if some := [change for change in changes if change.kind is kind]:
            yield kind, some


def _title(kind: Kind) -> str:
    return str(kind).capitalize()


def _sample(sample: Sample, show: Callable[[str], str]) -> str:
    old, new = (show(each.after) if each.after else "nothing" for each in (sample.old, sample.new))
    return f"in the given events, {show(str(sample.where))}: {old} becomes {new}"


def _plain(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", printable(text))


def _code(text: str) -> str:
    shown = shortened(text)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {shown} {fence}" if longest else f"`{shown}`"
