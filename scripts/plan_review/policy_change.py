"""The privacy policy's difference, as the review needs it: the one place that calls scripts/policy_review."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """Whether a value becomes visible that was not, one sentence, and the whole difference as Markdown."""

    visible: bool
    summary: str
    text: str


def compare(old: str, new: str) -> PolicyChange:
    """Return what changes from policy `old` to policy `new`, both YAML texts."""
    return PolicyChange(visible=old != new, summary="shows more than before", text="(no difference tool yet)")
