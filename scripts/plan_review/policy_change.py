"""The privacy policy's difference, as the review needs it: the one place that calls scripts/policy_review."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from scripts.plan_review.findings import counted
from scripts.policy_review import document, identifying, samples
from scripts.policy_review.diff import Kind, Side, changes
from scripts.policy_review.diff_output import to_markdown

# Made up, of every kind: a deployment's own events are nothing for a comment.
EVENTS = Path(__file__).resolve().parents[2] / "tests/fixtures/events.txt"
NAME = "policy/gitlab.yaml"
# A sample's pseudonym is made under a key that is thrown away, so that it is another one each time.
_PSEUDONYM = re.compile(r"[0-9a-f]{64}|(?<=`)[0-9a-f]{8}…(?=`)")


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """Whether a value becomes visible that was not, one sentence, and the whole difference as Markdown."""

    visible: bool
    summary: str
    text: str


def compare(old: str, new: str, old_lists: str, new_lists: str) -> PolicyChange:
    """Return what changes from policy `old` to policy `new`, both YAML texts, each with the text of its vocabulary.

    A policy that cannot be used counts as one that shows more: nobody knows what it does.
    """
    try:
        before, after = (
            Side(read, document.load(read))
            for read in (document.parse(NAME, old, old_lists), document.parse(NAME, new, new_lists))
        )
    except document.UnusableError as error:
        return PolicyChange(visible=True, summary="one of its two versions cannot be used", text=_fenced(str(error)))
    found = changes(before, after, identifying.load())
    differing = samples.differing(EVENTS.read_bytes(), before.policy, after.policy)
    visible = sum(change.kind is Kind.VISIBLE for change in found)
    hidden = sum(change.kind is Kind.HIDDEN for change in found)
    # Events that differ though no rule does are a defect of the comparison, on which nobody should rely.
    unexplained = bool(differing) and not found
    summary = f"changes what is shown: {counted(visible, 'difference')} for more, {hidden} for less"
    if unexplained:
        summary = "events come out differently, and the comparison of the rules does not say why"
    lines = [
        line.replace("### ", "**", 1) + "**" if line.startswith("### ") else line
        for line in to_markdown(found, differing)
    ]
    return PolicyChange(bool(visible) or unexplained, summary, _PSEUDONYM.sub("a pseudonym", "\n".join(lines)))


def _fenced(text: str) -> str:
    return f"~~~\n{text.replace('~~~', '')}\n~~~"
