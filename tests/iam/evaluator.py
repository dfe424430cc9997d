"""Whether AWS would allow a request, by the policies involved (docs/adr/0013-policy-evaluator.md).

The rules are those of the IAM user guide, "Policy evaluation logic", for a principal and a resource of one account or
of two, without permissions boundaries, session and organization policies. What is not understood
(an operator, NotPrincipal, a policy variable) raises UnsupportedPolicyError: an evaluator that passes over a condition
would call everything safe.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

type Policy = Mapping[str, Any]
type Statement = Mapping[str, Any]

PRINCIPAL_ARN = "aws:principalarn"


class UnsupportedPolicyError(Exception):
    """A policy says something that this evaluator does not understand."""


class Decision(enum.Enum):
    """What AWS answers; only the first lets the request pass."""

    ALLOWED = "allowed"
    NOT_ALLOWED = "no policy allows it"
    DENIED = "a policy denies it"


@dataclass(frozen=True, slots=True)
class Request:
    """One call: `principal` is a role's ARN or a service such as s3.amazonaws.com, `resource` the ARN it acts on.

    `context` are condition keys and values beside aws:PrincipalArn, which is the role's ARN, and aws:SecureTransport,
    which is true unless it is said here. `owner` is the resource's account, "" for the principal's own.
    """

    principal: str
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""

    @property
    def account(self) -> str:
        """The principal's account, "" for a service."""
        return self.principal.split(":")[4] if self.principal.startswith("arn:") else ""

    def values(self) -> dict[str, str]:
        """Return the condition keys, in lower case, with their values."""
        role = {PRINCIPAL_ARN: self.principal} if self.account else {}
        given = {key.lower(): value for key, value in self.context.items()}
        return {"aws:securetransport": "true", **role, **given}


def decide(request: Request, identity: Iterable[Policy], resource: Policy | None) -> Decision:
    """Return AWS's answer to `request`: `identity` are the principal's policies, `resource` is the resource's own."""
    own = [s for policy in identity for s in _statements(policy) if _applies(s, request)]
    its = [s for s in _statements(resource or {}) if _names(s, request) is not None and _applies(s, request)]
    if any(statement["Effect"] == "Deny" for statement in (*own, *its)):
        return Decision.DENIED
    # Whom a resource's policy names itself needs no policy of its own; whom it leaves to the account does.
    named = any(_names(statement, request) is Named.ITSELF for statement in its)
    # Between accounts both must allow it, however the resource names the principal.
    if request.account and request.owner not in ("", request.account):
        return Decision.ALLOWED if own and its else Decision.NOT_ALLOWED
    # Only a key's use begins with its own policy: everywhere else the account's policies are enough.
    left_to_account = bool(its) or not request.action.lower().startswith("kms:")
    if named or (own and left_to_account):
        return Decision.ALLOWED
    return Decision.NOT_ALLOWED


class Named(enum.Enum):
    """How a statement of a resource's policy names a principal."""

    ITSELF = enum.auto()
    BY_ITS_ACCOUNT = enum.auto()


def _names(statement: Statement, request: Request) -> Named | None:
    """Return how the statement names the request's principal, None if it does not."""
    if "NotPrincipal" in statement:
        raise UnsupportedPolicyError("NotPrincipal")
    principal = statement["Principal"]
    principal = {"AWS": principal} if principal == "*" else principal
    if unknown := principal.keys() - {"AWS", "Service"}:
        raise UnsupportedPolicyError(f"a principal of the kind {', '.join(unknown)}")
    named = as_list(principal.get("AWS", []))
    # Everybody is every service too.
    if "*" in named or request.principal in [*named, *as_list(principal.get("Service", []))]:
        return Named.ITSELF
    accounts = {request.account, f"{':'.join(request.principal.split(':')[:5])}:root"}
    return Named.BY_ITS_ACCOUNT if request.account and accounts.intersection(named) else None


def _applies(statement: Statement, request: Request) -> bool:
    """Return whether the statement's actions, resources and conditions are those of the request."""
    return (
        _covers(statement, "Action", request.action, ignore_case=True)
        and _covers(statement, "Resource", request.resource)
        and all(
            _holds(operator, key.lower(), as_list(expected), request.values())
            for operator, operands in statement.get("Condition", {}).items()
            for key, expected in operands.items()
        )
    )


def _covers(statement: Statement, element: str, value: str, *, ignore_case: bool = False) -> bool:
    if (patterns := statement.get(element)) is not None:
        return any(matches(value, pattern, ignore_case=ignore_case) for pattern in as_list(patterns))
    return not any(matches(value, pattern, ignore_case=ignore_case) for pattern in as_list(statement[f"Not{element}"]))


def _holds(operator: str, key: str, expected: list[str], context: Mapping[str, str]) -> bool:
    """Return whether one condition holds. One about a key the request lacks does not, unless it is negated."""
    actual = context.get(key)
    if operator == "Null":
        return (actual is None) == (expected == ["true"])
    positive = operator.replace("Not", "")
    compare = OPERATORS.get(positive)
    if compare is None:
        raise UnsupportedPolicyError(f"the condition operator {operator}")
    found = actual is not None and any(compare(actual, value) for value in expected)
    return found if operator == positive else not found


def matches(value: str, pattern: str, *, ignore_case: bool = False) -> bool:
    """Return whether `value` fits `pattern`, in which * is any text and ? one character."""
    if "${" in pattern:
        raise UnsupportedPolicyError(f"the policy variable in {pattern}")
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(expression, value, re.DOTALL | (re.IGNORECASE if ignore_case else 0)) is not None


def _arn_matches(value: str, pattern: str) -> bool:
    """Compare each of the six parts of two ARNs: a wildcard does not reach over a colon."""
    parts, patterns = value.split(":", 5), pattern.split(":", 5)
    return len(parts) == len(patterns) == 6 and all(map(matches, parts, patterns))


OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "ArnEquals": _arn_matches,
    "ArnLike": _arn_matches,
    "Bool": lambda value, expected: value.lower() == expected.lower(),
    "StringEquals": lambda value, expected: value == expected,
    "StringLike": matches,
}


def _statements(policy: Policy) -> list[Statement]:
    statements = policy.get("Statement", [])
    return [statements] if isinstance(statements, dict) else list(statements)


def as_list(value: str | list[str]) -> list[str]:
    """Return what a policy writes as one text or as a list of them."""
    return [value] if isinstance(value, str) else value
