"""Permissions: the statements that a plan adds and removes, and who can read content because of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts.plan_review.findings import Finding, code, counted
from scripts.plan_review.plan import Action
from scripts.plan_review.statements import Statement, UnreadablePolicyError, statements
from scripts.plan_review.values import HIDDEN_TEXT, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.plan import Change, Plan

# Attributes that hold a policy document, whatever the resource.
DOCUMENTS = ("policy", "assume_role_policy", "policy_document", "access_policy", "inline_policy", "resource_policy")
# In these "*" as the resource means the resource that the policy is attached to.
ON_ITSELF = {"aws_kms_key", "aws_kms_key_policy", "aws_secretsmanager_secret", "aws_secretsmanager_secret_policy"}
# Resources that attach a managed policy to somebody.
ATTACHMENTS = ("aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment", "aws_iam_group_policy_attachment")
# Resources that are a policy, and nothing else.
POLICIES = (
    *("aws_iam_role_policy", "aws_iam_policy", "aws_s3_bucket_policy", "aws_secretsmanager_secret_policy"),
    *("aws_sns_topic_policy", "aws_sqs_queue_policy", "aws_kms_key_policy", "aws_kinesis_resource_policy"),
    *("aws_vpc_endpoint_policy", "aws_cloudwatch_log_resource_policy", "aws_dynamodb_resource_policy"),
)
LOOKS_AT = {
    **dict.fromkeys(POLICIES, DOCUMENTS),
    **dict.fromkeys(ATTACHMENTS, ("policy_arn", "role", "user", "group")),
    "aws_iam_role": ("permissions_boundary", "managed_policy_arns", "max_session_duration"),
    "aws_iam_instance_profile": ("role",),
    "aws_launch_template": ("iam_instance_profile",),
    "aws_kms_grant": ("grantee_principal", "operations", "key_id"),
}
# A policy of these limits what passes through; it gives nobody anything (ways out: network.py).
LIMITING = {"aws_vpc_endpoint", "aws_vpc_endpoint_policy"}
# AWS's own policies that allow everything, or everything of a kind.
BROAD_MANAGED = ("AdministratorAccess", "PowerUserAccess", "FullAccess", "IAMFullAccess")


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A policy document before and after; `name` is the attribute's. `after` is None while it is unknown."""

    change: Change
    name: str
    before: list[Statement]
    after: list[Statement] | None

    @property
    def added(self) -> list[Statement]:
        """Statements that were not there."""
        return [statement for statement in self.after or [] if statement not in self.before]

    @property
    def removed(self) -> list[Statement]:
        """Statements that will not be there."""
        return [] if self.after is None else [statement for statement in self.before if statement not in self.after]


def findings(plan: Plan) -> Iterator[Finding]:
    """Yield what changes in who may do what."""
    for change in plan.changes:
        yield from _attachment(change)
        yield from _role(change)
        for name in DOCUMENTS:
            if change.before.get(name) != change.after.get(name):
                yield from _document(change, name)


def unknown_policies(plan: Plan) -> int:
    """Return how many new policies cannot be shown yet: they name what does not exist before the apply."""
    return sum(
        change.after.get(name) is UNKNOWN
        for change in plan.changes
        for name in DOCUMENTS
        if change.action is Action.CREATE and name != "inline_policy"
    )


def _document(change: Change, name: str) -> Iterator[Finding]:
    where = f"{code(name)}"
    try:
        before = statements(_json(change.before.get(name))) or []
        after = statements(_json(change.after.get(name)))
    except UnreadablePolicyError as error:
        text = f"{where} changes and cannot be shown: {error}. Nobody can review it here"
        yield Finding("policy-unreadable", change.address, text)
        return
    if HIDDEN_TEXT in str(change.after.get(name)):
        text = f"{where} holds what is sensitive elsewhere in the plan; that part cannot be shown"
        yield Finding("policy-unreadable", change.address, text)
    if after is None:
        # A new one is counted (unknown_policies).
        if change.action is not Action.CREATE:
            yield Finding("policy-unreadable", change.address, f"{where} is known only after apply: review its code")
        return
    policy = PolicyChange(change, name, before, after)
    grave = [*_wildcards(policy), *_denials(policy)]
    yield from grave
    yield from _readers(policy)
    yield from _trust(policy)
    said = {line for finding in grave for line in finding.details}
    lines = [f"added: {s.text()}" for s in policy.added if s.text() not in said]
    lines += [f"removed: {s.text()}" for s in policy.removed if s.text() not in said]
    if lines:
        counts = f"{counted(len(policy.added), 'statement')} added, {len(policy.removed)} removed"
        yield Finding("statements-changed", change.address, f"{where}: {counts}", tuple(lines))


def _json(value: Any) -> Any:
    """Return the policy's text; a list of blocks (inline_policy) has none of its own."""
    return None if isinstance(value, list) else value


def _wildcards(policy: PolicyChange) -> Iterator[Finding]:
    lines = []
    if policy.change.type in LIMITING:
        return
    for statement in policy.added:
        if not statement.allows:
            continue
        broad = [action for action in statement.actions if action == "*" or action.endswith(":*")]
        broad += [action for action in statement.actions if action.startswith("not ")]
        everywhere = "*" in statement.resources and policy.change.type not in ON_ITSELF and not statement.principals
        if broad or (everywhere and statement.reading()):
            lines.append(statement.text())
    if lines:
        yield Finding("wildcard-allowed", policy.change.address, "allows more than it names", tuple(lines))
    if policy.name != "assume_role_policy" and any(s.allows and s.everybody for s in policy.added):
        yield Finding("public-access", policy.change.address, "allows everyone, with no condition")
    elif any(s.allows and s.everybody for s in policy.added):
        yield Finding("public-access", policy.change.address, "can be assumed by everyone, with no condition")


def _denials(policy: PolicyChange) -> Iterator[Finding]:
    kept = [statement for statement in policy.after or [] if not statement.allows]
    lines = []
    for old in policy.removed:
        if old.allows:
            continue
        # The same denial with fewer or more exceptions is not gone; who is newly spared is a reader (_readers).
        if not any(_same_denial(old, new) for new in kept):
            lines.append(old.text())
    if lines and policy.change.action is not Action.DELETE:
        yield Finding("denial-removed", policy.change.address, "no longer denies", tuple(lines))
    elif lines:
        yield Finding("denial-removed", policy.change.address, "is deleted, and with it its denials", tuple(lines))


def _same_denial(old: Statement, new: Statement) -> bool:
    def what(statement: Statement) -> tuple[tuple[str, ...], ...]:
        return (statement.actions, statement.resources, statement.principals, statement.conditions)

    return what(old) == what(new)


def _readers(policy: PolicyChange) -> Iterator[Finding]:
    if policy.change.type in LIMITING:
        return
    lines = []
    before = {grant for statement in policy.before for grant in _grants(statement)}
    for statement in policy.added:
        new = sorted({grant for grant in _grants(statement) if grant not in before})
        for reader in sorted({reader for reader, _, _ in new}):
            actions = sorted({action for who, action, _ in new if who == reader})
            places = sorted({place for who, _, place in new if who == reader})
            who = f"{code(reader)}: " if reader else ""
            on_itself = policy.change.type in ON_ITSELF and places == ["*"]
            where = "" if on_itself else f" on {', '.join(map(code, places))}"
            lines.append(f"{who}{', '.join(map(code, actions))}{where}")
        if not statement.allows:
            spared = {name for old in policy.before if _same_denial(old, statement) for name in old.but}
            known = any(_same_denial(old, statement) for old in policy.before)
            lines += [f"{code(name)} is spared by the denial {code(statement.sid)}"
                      for name in statement.but if known and name not in spared]  # fmt: skip
    if lines:
        yield Finding("reader-added", policy.change.address, "lets somebody read content", tuple(lines))


def _trust(policy: PolicyChange) -> Iterator[Finding]:
    """Yield who may become a role from now on; a service of AWS only where the role existed before."""
    if policy.name != "assume_role_policy":
        return
    before = {who for statement in policy.before if statement.allows for who in statement.readers}
    new = sorted({who for statement in policy.added if statement.allows for who in statement.readers} - before)
    if not policy.before:
        new = [who for who in new if not who.startswith("Service ")]
    if new:
        yield Finding("trust-widened", policy.change.address, f"can be assumed by {', '.join(map(code, new))}")


def _grants(statement: Statement) -> Iterator[tuple[str, str, str]]:
    """Yield who can read by which action where; who is "" for the identity that holds the policy."""
    if not statement.allows:
        return
    for reader in statement.readers or ("",):
        for action in statement.reading():
            for place in statement.resources:
                yield reader, action, place


def _attachment(change: Change) -> Iterator[Finding]:
    if change.type not in ATTACHMENTS:
        return
    old, new = change.before.get("policy_arn"), change.after.get("policy_arn")
    if old == new:
        return
    lines = tuple(f"{word}: {code(arn)}" for word, arn in (("attached", new), ("detached", old)) if arn is not None)
    yield Finding("statements-changed", change.address, "a managed policy", lines)
    if isinstance(new, str) and new.endswith(BROAD_MANAGED):
        yield Finding("wildcard-allowed", change.address, f"attaches {code(new)}")
    elif new is not None:
        text = f"attaches {code(new)}: what it allows is not in this plan, and its owner may change it"
        yield Finding("managed-policy-attached", change.address, text)


def _role(change: Change) -> Iterator[Finding]:
    """Yield what bounds a role less, or gives it to other instances."""
    before, after = change.before, change.after
    if change.type == "aws_iam_role" and before and after:
        for name in ("permissions_boundary", "managed_policy_arns", "max_session_duration"):
            old, new = before.get(name) or None, after.get(name) or None
            if old == new or (name == "managed_policy_arns" and new is UNKNOWN):
                continue
            text = f"{code(name)}: {code(str(old))} → {code(str(new))}"
            yield Finding("role-bounds-changed", change.address, text)
    if change.type == "aws_iam_instance_profile" and before and after and before.get("role") != after.get("role"):
        text = f"gives its instances another role: {code(before.get('role'))} → {code(after.get('role'))}"
        yield Finding("role-bounds-changed", change.address, text)
    if change.type == "aws_launch_template" and before and after:
        profiles = [change.block(side, "iam_instance_profile") for side in ("before", "after")]
        if profiles[0] != profiles[1]:
            yield Finding("role-bounds-changed", change.address, "gives its instances another instance profile")
    if change.type == "aws_kms_grant" and after and not before:
        text = f"lets {code(after.get('grantee_principal'))} use a key, beside the key's policy"
        yield Finding("reader-added", change.address, text)
