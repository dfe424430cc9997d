"""What a merge request changes beside the infrastructure: the privacy policy, and the review itself."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.plan_review import policy_change
from scripts.plan_review.findings import Finding

if TYPE_CHECKING:
    from pathlib import Path

POLICY = "policy/gitlab.yaml"
# Whoever changes one of these changes what stands in the way of their own merge request.
REVIEW = ("policy/review.yaml", "scripts/review.py", "scripts/post_review.py", "scripts/plan_review/", ".gitlab-ci.yml")


class GitError(Exception):
    """Git could not say what changed; the message is one line with the remedy."""


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """A commit, what was found in its difference to the base, and the policy's difference as Markdown."""

    commit: str
    findings: tuple[Finding, ...] = ()
    policy_text: str | None = None


def read_merge_request(root: Path, base: str | None) -> MergeRequest:
    """Return what the work tree at `root` changes since it left `base`; with no base, its commit only.

    Raises GitError.
    """
    commit = _git(root, "rev-parse", "--short=12", "HEAD").strip()
    if base is None:
        return MergeRequest(commit)
    try:
        fork = _git(root, "merge-base", base, "HEAD").strip()
    except GitError:
        message = f"git knows no common commit with {base}: fetch it, with its history, or name another base"
        raise GitError(message) from None
    changed = _git(root, "diff", "--name-only", fork).splitlines()
    findings = [
        Finding("rules-changed", part, "is part of this review: read its difference before you trust the comment")
        for part in REVIEW
        if any(path.startswith(part) for path in changed)
    ]
    if POLICY not in changed:
        return MergeRequest(commit, tuple(findings))
    difference = policy_change.compare(_git(root, "show", f"{fork}:{POLICY}"), (root / POLICY).read_text("utf-8"))
    findings += [Finding("attribute-visible" if difference.visible else "policy-changed", POLICY, difference.summary)]
    return MergeRequest(commit, tuple(findings), difference.text)


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise GitError(f"git {arguments[0]} failed: {' '.join(done.stderr.split())}")
    return done.stdout
