"""A Terraform plan, typed: what `terraform show -json` prints, without its sensitive values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scripts.plan_review.values import UNKNOWN, Hidden, Scrubber, hide, leaves, mark_unknown, secrets


class PlanFormatError(Exception):
    """The text is not a plan that this program can read; the message quotes nothing of it."""


class Action(StrEnum):
    """What happens to one resource; the values are the words of the comment."""

    CREATE = "add"
    UPDATE = "change"
    REPLACE = "replace"
    DELETE = "destroy"
    FORGET = "forget"
    READ = "read"
    NO_OP = "keep"


ACTIONS = {
    ("create",): Action.CREATE,
    ("update",): Action.UPDATE,
    ("delete",): Action.DELETE,
    ("forget",): Action.FORGET,
    ("read",): Action.READ,
    ("no-op",): Action.NO_OP,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("create", "forget"): Action.REPLACE,
}


@dataclass(frozen=True, slots=True)
class Change:
    """What a plan does to one resource.

    `before` and `after` are its attributes, empty where it does not exist; a sensitive one is Hidden, one that is known
    only after apply UNKNOWN. `replace_paths` names the attributes that force a replacement, `reason` is Terraform's.
    """

    address: str
    type: str
    action: Action
    before: dict[str, Any]
    after: dict[str, Any]
    replace_paths: tuple[str, ...] = ()
    reason: str | None = None
    previous_address: str | None = None

    @property
    def gone(self) -> bool:
        """Whether the object that exists now is destroyed or no longer managed."""
        return self.action in (Action.DELETE, Action.REPLACE, Action.FORGET)

    def changed(self) -> list[str]:
        """Return the names of the attributes that differ, sorted."""
        return sorted(
            name for name in self.before.keys() | self.after.keys() if self.before.get(name) != self.after.get(name)
        )

    def block(self, side: str, name: str) -> dict[str, Any]:
        """Return the only block called `name` of side "before" or "after", or an empty one."""
        found = getattr(self, side).get(name)
        return found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}


@dataclass(frozen=True, slots=True)
class Plan:
    """All managed resources of a plan in the order of their addresses, those that stay as they are included."""

    resources: tuple[Change, ...]
    drift: tuple[Change, ...]
    environment: str
    region: str
    account_id: str | None

    @property
    def changes(self) -> tuple[Change, ...]:
        """What is not left as it is. A move alone is a change: the reader of a state looks for the old address."""
        return tuple(
            change for change in self.resources if change.action is not Action.NO_OP or change.previous_address
        )

    def count(self, action: Action) -> int:
        """Return how many resources meet with `action`."""
        return sum(change.action is action for change in self.resources)

    def unknowns(self) -> int:
        """Return how many values are known only after apply."""
        return sum(value is UNKNOWN for change in self.changes for _, value in leaves(change.after))

    def hidden_changes(self) -> list[tuple[Change, str]]:
        """Return the sensitive attributes of existing resources that change."""
        return [
            (change, name)
            for change in self.changes
            if change.action is Action.UPDATE
            for name in change.changed()
            if any(
                isinstance(part, Hidden)
                for side in ("before", "after")
                for _, part in leaves(getattr(change, side).get(name))
            )
        ]


def read_plan(text: str | bytes) -> Plan:
    """Return the plan in `terraform show -json` output of format 1.x.

    Raises PlanFormatError. Source: developer.hashicorp.com/terraform/internals/json-format.
    """
    try:
        document = json.loads(text)
    except ValueError:
        raise PlanFormatError("not JSON: give the output of `terraform show -json <plan>`") from None
    if not isinstance(document, dict) or not str(document.get("format_version", "")).startswith("1."):
        raise PlanFormatError("not a plan of format 1.x: give the output of `terraform show -json <plan>`")
    if document.get("errored"):
        raise PlanFormatError("the plan failed half-way and shows only a part: plan again")
    try:
        return _plan(document)
    except (AttributeError, KeyError, TypeError, IndexError) as error:
        raise PlanFormatError(f"the plan lacks what Terraform 1.11 writes ({type(error).__name__})") from None


def _plan(document: dict[str, Any]) -> Plan:
    changed = document.get("resource_changes", [])
    drifted = document.get("resource_drift", [])
    scrubber = Scrubber(_secrets(document, changed + drifted))
    variables = {name: scrubber.scrub(part.get("value")) for name, part in document.get("variables", {}).items()}

    def text(name: str) -> str | None:
        value = variables.get(name)
        return value if isinstance(value, str) else None

    def read(entries: list[dict[str, Any]]) -> tuple[Change, ...]:
        managed = [_change(entry, scrubber) for entry in entries if entry["mode"] == "managed"]
        return tuple(sorted(managed, key=lambda change: change.address))

    return Plan(
        resources=read(changed),
        drift=read(drifted),
        environment=text("environment") or "unnamed",
        region=text("region") or "eu-west-1",
        account_id=text("account_id"),
    )


def _secrets(document: dict[str, Any], entries: list[dict[str, Any]]) -> set[str]:
    declared = document.get("configuration", {}).get("root_module", {}).get("variables", {})
    found = {
        text
        for name, variable in document.get("variables", {}).items()
        if declared.get(name, {}).get("sensitive")
        for text in secrets(variable.get("value"), marks=True)
    }
    for entry in entries:
        change = entry["change"]
        for side in ("before", "after"):
            found.update(secrets(change.get(side), change.get(f"{side}_sensitive")))
    return found


def _attributes(values: dict[str, Any] | None, marks: Any) -> dict[str, Any]:
    attributes = values or {}
    return {name: hide(value, marks is True or (marks or {}).get(name)) for name, value in attributes.items()}


def _change(entry: dict[str, Any], scrubber: Scrubber) -> Change:
    change = entry["change"]
    actions = tuple(change["actions"])
    if actions not in ACTIONS:
        raise PlanFormatError(f"{entry['address']} has actions that this program does not know: {', '.join(actions)}")
    # Hidden first: two secrets that are only scrubbed would look the same.
    before = scrubber.scrub(_attributes(change.get("before"), change.get("before_sensitive")))
    after = scrubber.scrub(_attributes(change.get("after"), change.get("after_sensitive")))
    return Change(
        address=scrubber.scrub(entry["address"]),
        type=entry["type"],
        action=ACTIONS[actions],
        before=before,
        after=mark_unknown(after, change.get("after_unknown", {})),
        replace_paths=tuple(sorted({".".join(map(str, path)) for path in change.get("replace_paths", [])})),
        reason=entry.get("action_reason"),
        previous_address=entry.get("previous_address"),
    )
