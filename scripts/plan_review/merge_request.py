"""What a merge request changes beside the plan: the privacy policy, protection in the source, and the review itself."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.plan_review import policy_change, schema_change, warehouse_change
from scripts.plan_review.findings import Finding, code
from scripts.policy_review import document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POLICY, VOCABULARY = "policy/gitlab.yaml", "policy/gitlab-vocabulary.json"
# A merge request that changes one of these changes the rules that it is judged by.
REVIEW = (
    "policy/review.yaml",
    "scripts/review.py",
    "scripts/post_review.py",
    "scripts/plan_review/",
    "scripts/terraform_runner/",
    ".gitlab-ci.yml",
)

# Text for readers, which nothing runs, plans or packages.
DOCUMENTATION = re.compile(
    r"docs/.*|[^/]+\.md|LICENSE|(modules|localstack|schemas|services|dashboards)/(.*/)?[^/]+\.md"
)
# `terraform fmt`, which the linter demands, puts the brace that ends a block at the start of its line.
RESOURCE = re.compile(r'^resource "([^"]+)" "([^"]+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
PROTECTED = re.compile(r"^\s*prevent_destroy\s*=\s*true\s*$", re.MULTILINE)


class GitError(Exception):
    """Git could not say what changed; the message is one line with the remedy."""


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """A commit, what was found in its difference to the base, and the policy's difference as Markdown.

    `is_documentation` says whether nothing but text for readers differs.
    """

    commit: str
    findings: tuple[Finding, ...] = ()
    policy_text: str | None = None
    is_documentation: bool = False


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
        message = f"git finds no common commit with {base}: fetch it, with its history, or name another base"
        raise GitError(message) from None
    changed = _git(root, "diff", "--name-only", "--no-renames", fork).splitlines()
    if changed and all(DOCUMENTATION.fullmatch(path) for path in changed):
        return MergeRequest(commit, is_documentation=True)
    findings = [
        Finding("rules-changed", part, "is part of this review: read its difference before you trust the comment")
        for part in REVIEW
        if any(path.startswith(part) for path in changed)
    ]
    findings += _unprotected(root, fork, [path for path in changed if path.endswith((".tf", ".tf.json"))])
    warehouse = [path for path in changed if path.startswith("warehouse/")]
    findings += warehouse_change.findings(
        {path: _text_at(root, fork, path) for path in warehouse},
        {path: (root / path).read_text("utf-8") if (root / path).is_file() else "" for path in warehouse},
    )
    findings += schema_change.added_schemas(root, changed, lambda path: _text_at(root, fork, path))
    if not {POLICY, VOCABULARY} & set(changed):
        return MergeRequest(commit, tuple(findings))
    difference = policy_change.compare(
        _git(root, "show", f"{fork}:{POLICY}"),
        (root / POLICY).read_text("utf-8"),
        _text_at(root, fork, VOCABULARY) or document.NO_LISTS,
        (root / VOCABULARY).read_text("utf-8") if (root / VOCABULARY).is_file() else document.NO_LISTS,
    )
    findings += [Finding("attribute-visible" if difference.visible else "policy-changed", POLICY, difference.summary)]
    return MergeRequest(commit, tuple(findings), difference.text)


def _unprotected(root: Path, fork: str, changed: list[str]) -> Iterator[Finding]:
    """Yield the resources that lose `prevent_destroy`, and overrides that can take it away: no plan shows either."""
    before: set[tuple[str, str, str]] = set()
    after: set[tuple[str, str, str]] = set()
    for path in changed:
        before |= _protected(path, _text_at(root, fork, path))
        after |= _protected(path, (root / path).read_text("utf-8") if (root / path).is_file() else "")
        if re.match(r"environments/(?!localstack/)[^/]+/overrides/", path) and (root / path).is_file():
            yield Finding("protection-off", path, "overrides modules of an environment that holds data")
    for module, kind, name in sorted(before - after):
        text = f"{code(f'{kind}.{name}')} loses `prevent_destroy`: the next plan may destroy it"
        yield Finding("protection-off", module, text)


def _protected(path: str, text: str) -> set[tuple[str, str, str]]:
    module = path.rpartition("/")[0]
    return {(module, kind, name) for kind, name, body in RESOURCE.findall(text) if PROTECTED.search(body)}


def _text_at(root: Path, commit: str, path: str) -> str:
    try:
        return _git(root, "show", f"{commit}:{path}")
    except GitError:
        return ""  # the file is new


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise GitError(f"git {arguments[0]} failed: {' '.join(done.stderr.split())}")
    return done.stdout
