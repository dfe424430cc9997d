"""Which schemas a merge request adds, in the bundle or in an environment's lock file, and how much the policy hides."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scripts.plan_review.findings import Finding, code, counted
from scripts.policy_review import document
from wire.self_describing import SchemaKey, SchemaKeyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

LOCK = "schemas.lock.json"
BUNDLE = "schemas/"
_LISTED = 20


def added_schemas(root: Path, changed: Iterable[str], before: Callable[[str], str]) -> Iterator[Finding]:
    """Yield a finding for the bundle's schemas and one for each lock file that gains some.

    `before` returns a file's text at the base, empty for a file that was not there.
    """
    in_bundle = []
    for path in changed:
        if path.startswith(BUNDLE) and (root / path).exists() and not before(path):
            in_bundle.append(path.removeprefix(BUNDLE))
        elif path.endswith(f"/{LOCK}") and (root / path).exists():
            new = _locked((root / path).read_text("utf-8")) - _locked(before(path))
            yield from _finding(root, path, new)
    yield from _finding(root, BUNDLE, in_bundle)


def _locked(text: str) -> set[str]:
    try:
        return set(json.loads(text)["schemas"]) if text else set()
    except (ValueError, KeyError, TypeError):
        return set()  # `scripts.schemas mirror` refuses such a file


def _finding(root: Path, place: str, paths: Iterable[str]) -> Iterator[Finding]:
    keys = {path: key for path in sorted(paths) if (key := _key(path)) is not None}
    if not keys:
        return
    criteria = list(document.load(document.read(str(root / "policy/gitlab.yaml"))).schemas)
    named = [path for path, key in keys.items() if any(criterion.matches(key) for criterion in criteria)]
    hidden = len(keys) - len(named)
    text = f"{counted(len(keys), 'schema')} added; the policy names {len(named)} and hides every value of {hidden}"
    details = [code(path) + ("" if path in named else ": hidden") for path in list(keys)[:_LISTED]]
    more = [f"and {len(keys) - _LISTED} more"] if len(keys) > _LISTED else []
    yield Finding("schemas-added", place, text, (*details, *more))


def _key(path: str) -> SchemaKey | None:
    try:
        return SchemaKey.parse(f"iglu:{path}")
    except SchemaKeyError:
        return None
