"""What no rule knows: an attribute that changes, or a kind of resource that comes or goes, that no concern looks at.

So silence about a change means that it was looked at. What is harmless is listed in policy/review.yaml, with reasons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.plan_review.findings import Finding, code, counted
from scripts.plan_review.permissions import DOCUMENTS
from scripts.plan_review.plan import Action
from scripts.plan_review.values import UNKNOWN, Hidden

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scripts.plan_review.plan import Change, Plan
    from scripts.plan_review.rules import Harmless

EVERY_TYPE = "*"


def findings(
    plan: Plan, looked_at: Mapping[str, set[str]], harmless: Sequence[Harmless], reported: set[str]
) -> Iterator[Finding]:
    """Yield what a plan changes beside `looked_at` (paths of attributes by type of resource) and what is `harmless`.

    `reported` are the addresses of which something was found: why they are replaced is said there.
    """
    known = {kind: set(paths) for kind, paths in looked_at.items()}
    for entry in harmless:
        known.setdefault(entry.type, set()).update(entry.attributes)
    for change in plan.changes:
        if change.action in (Action.UPDATE, Action.REPLACE):
            covered = known.get(change.type, set()) | known[EVERY_TYPE] | set(DOCUMENTS)
            if change.address in reported:
                covered |= set(change.replace_paths)
            paths = sorted({path for path in _changed(change) if not _is_covered(path, covered)})
            if paths:
                text = f"no rule knows what follows from {counted(len(paths), 'change')}: {', '.join(map(code, paths))}"
                yield Finding("unclassified-change", change.address, text)
        elif change.action in (Action.CREATE, Action.DELETE, Action.FORGET) and change.type not in known:
            verb = "comes" if change.action is Action.CREATE else "goes"
            text = f"a kind of resource that no rule knows {verb}: {code(change.type)}"
            yield Finding("unclassified-change", change.address, text)


def _changed(change: Change) -> Iterator[str]:
    """Yield the path of each part that differs, without indices; what is absent, empty or null is the same."""
    for name in change.before.keys() | change.after.keys():
        yield from _differing(name, change.before.get(name), change.after.get(name), change.action)


def _differing(path: str, old: Any, new: Any, action: Action) -> Iterator[str]:
    if old == new or (is_absent(old) and is_absent(new)):
        return
    # A hidden change is a finding of its own. What a replacement creates has other identifiers; that it is
    # replaced is what the rules look at.
    if isinstance(old, Hidden) or isinstance(new, Hidden) or (action is Action.REPLACE and new is UNKNOWN):
        return
    if isinstance(old, dict | None) and isinstance(new, dict | None):
        for name in (old or {}).keys() | (new or {}).keys():
            yield from _differing(f"{path}.{name}", (old or {}).get(name), (new or {}).get(name), action)
    elif isinstance(old, list) and isinstance(new, list) and _are_blocks([*old, *new]):
        for index in range(max(len(old), len(new))):
            yield from _differing(path, _at(old, index), _at(new, index), action)
    else:
        yield path


def _are_blocks(parts: list[Any]) -> bool:
    return all(isinstance(part, dict) for part in parts)


def _at(parts: list[Any], index: int) -> Any:
    return parts[index] if index < len(parts) else None


def is_absent(value: Any) -> bool:
    """Return whether a value says nothing: null, an empty text, list or block, or a list of such."""
    if isinstance(value, dict):
        return all(map(is_absent, value.values()))
    return value in (None, "") or (isinstance(value, list) and all(map(is_absent, value)))


def _is_covered(path: str, covered: set[str]) -> bool:
    parts = path.split(".")
    return any(".".join(parts[:length]) in covered for length in range(1, len(parts) + 1))
