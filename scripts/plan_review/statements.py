"""IAM statements, decoded so that two policies can be compared and read."""

from __future__ import annotations

import fnmatch
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts.plan_review.findings import code
from scripts.plan_review.values import UNKNOWN, Hidden

if TYPE_CHECKING:
    from collections.abc import Iterator

# What gives somebody the content of an event, a secret or a key's protection.
READING = (
    *("kinesis:GetRecords", "kinesis:SubscribeToShard", "sqs:ReceiveMessage", "s3:GetObject", "s3:GetObjectVersion"),
    *("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:GetRecords"),
    *("kms:Decrypt", "kms:ReEncryptFrom", "kms:CreateGrant", "secretsmanager:GetSecretValue", "ssm:GetParameter"),
)
PRINCIPAL = "aws:principalarn"
POSITIVE = {"arnequals", "arnlike", "stringequals", "stringlike"}
NEGATIVE = {"arnnotequals", "arnnotlike", "stringnotequals", "stringnotlike"}


class UnreadablePolicyError(Exception):
    """A policy is hidden, or not the JSON of a policy."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; every part sorted, so that equal statements are equal.

    `actions` and `resources` start with "not " where the policy says NotAction or NotResource. `principals` are ARNs,
    or "kind value"; a policy of an identity has none. `conditions` are "operator key values" texts, those on
    aws:PrincipalArn left out: `only` holds the roles to which one limits the statement, `but` those it spares.
    """

    sid: str
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[str, ...]
    conditions: tuple[str, ...]
    only: tuple[str, ...]
    but: tuple[str, ...]

    @property
    def allows(self) -> bool:
        """Whether it is an Allow."""
        return self.effect == "Allow"

    @property
    def everybody(self) -> bool:
        """Whether it applies to anyone: no principal named, no condition."""
        anyone = any(principal == "*" or principal.startswith("not ") for principal in self.principals)
        return anyone and not self.conditions and not self.only

    @property
    def readers(self) -> tuple[str, ...]:
        """Whom it applies to: the roles that a condition names, else the principals."""
        return self.only or self.principals

    def reading(self) -> tuple[str, ...]:
        """Return those of its actions that show content, as the statement writes them."""
        return tuple(action for action in self.actions if _covers_reading(action))

    def text(self) -> str:
        """Return the statement as one line of Markdown."""
        line = f"{self.effect.lower()} {_list(self.actions)} on {_list(self.resources)}"
        if self.principals:
            line += f" to {_list(self.principals)}"
        if self.only:
            line += f", only {_list(self.only)}"
        if self.but:
            line += f", except {_list(self.but)}"
        if self.conditions:
            line += f", if {_list(self.conditions)}"
        return line


def statements(policy: Any) -> list[Statement] | None:
    """Return the statements of a policy's JSON text; none of an absent one, None of one known only after apply.

    Raises UnreadablePolicyError.
    """
    if policy is UNKNOWN:
        return None
    if policy in (None, ""):
        return []
    if isinstance(policy, Hidden):
        raise UnreadablePolicyError("Terraform calls it sensitive")
    try:
        found = json.loads(policy)["Statement"]
        return [_statement(entry) for entry in _many(found)]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnreadablePolicyError("not a policy in JSON") from None


def _statement(entry: dict[str, Any]) -> Statement:
    conditions, only, but = [], [], []
    for operator, tests in sorted(entry.get("Condition", {}).items()):
        for key, values in sorted(tests.items()):
            texts = sorted(map(str, _many(values)))
            if key.lower() == PRINCIPAL and operator.lower() in POSITIVE and entry["Effect"] == "Allow":
                only += texts
            elif key.lower() == PRINCIPAL and operator.lower() in NEGATIVE:
                but += texts
            else:
                conditions.append(f"{operator} {key} {', '.join(texts)}")
    return Statement(
        sid=str(entry.get("Sid", "")),
        effect=str(entry["Effect"]),
        actions=_either(entry, "Action"),
        resources=_either(entry, "Resource") or ("*",),
        principals=tuple(sorted(_principals(entry))),
        conditions=tuple(conditions),
        only=tuple(sorted(only)),
        but=tuple(sorted(but)),
    )


def _either(entry: dict[str, Any], name: str) -> tuple[str, ...]:
    if name in entry:
        return tuple(sorted(map(str, _many(entry[name]))))
    return tuple(sorted(f"not {value}" for value in _many(entry.get(f"Not{name}", []))))


def _principals(entry: dict[str, Any]) -> Iterator[str]:
    for name, sign in (("Principal", ""), ("NotPrincipal", "not ")):
        principal = entry.get(name, {})
        if isinstance(principal, str):
            yield sign + principal
        else:
            for kind, values in principal.items():
                for value in _many(values):
                    yield f"{sign}{value}" if kind == "AWS" else f"{sign}{kind} {value}"


def _covers_reading(action: str) -> bool:
    # NotAction allows all that it does not name, reading too unless every reading action is named.
    if action.startswith("not "):
        return not all(_matches(reading, action[4:]) for reading in READING)
    return any(_matches(reading, action) for reading in READING)


def _matches(action: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(action.lower(), pattern.lower())


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _list(values: tuple[str, ...]) -> str:
    if values and all(value.startswith("not ") for value in values):
        return f"everything but {', '.join(code(value[4:]) for value in values)}"
    return ", ".join(map(code, values))
