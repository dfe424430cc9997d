"""What a review finds: its sections, the kinds of finding that rules name, and how a value is written in a text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scripts.plan_review.values import HIDDEN_TEXT, UNKNOWN, Hidden

LONGEST_VALUE = 160


class Section(StrEnum):
    """Parts of the comment in the order in which they are read; the values are their headings."""

    DATA = "Data loss"
    PRIVACY = "Privacy"
    IAM = "Permissions"
    EXPOSURE = "Exposure"
    AVAILABILITY = "Availability"
    MONITORING = "Monitoring"
    UNCLASSIFIED = "Not classified"
    DRIFT = "Drift"
    HIDDEN = "Hidden values"
    REVIEW = "The review itself"


# Every kind, by what a rule calls it. policy/review.yaml says for each what follows.
KINDS = {
    "data-destroyed": Section.DATA,
    "delivery-replaced": Section.DATA,
    "shards-lowered": Section.DATA,
    "retention-lowered": Section.DATA,
    "expiry-shortened": Section.DATA,
    "protection-off": Section.DATA,
    "destination-changed": Section.DATA,
    "drain-shortened": Section.DATA,
    "notification-changed": Section.DATA,
    "transform-throttled": Section.DATA,
    "attribute-visible": Section.PRIVACY,
    "policy-changed": Section.PRIVACY,
    "schemas-added": Section.PRIVACY,
    "warehouse-shows-more": Section.PRIVACY,
    "warehouse-changed": Section.PRIVACY,
    "transform-bypassed": Section.PRIVACY,
    "raw-copy-kept": Section.PRIVACY,
    "error-prefix-changed": Section.PRIVACY,
    "reader-added": Section.PRIVACY,
    "pseudonym-key-changed": Section.PRIVACY,
    "transform-changed": Section.PRIVACY,
    "kept-longer": Section.PRIVACY,
    "encryption-weakened": Section.PRIVACY,
    "encryption-key-changed": Section.PRIVACY,
    "function-unpinned": Section.PRIVACY,
    "function-rewired": Section.PRIVACY,
    "enrichment-weakened": Section.PRIVACY,
    "outside-subscriber": Section.PRIVACY,
    "wildcard-allowed": Section.IAM,
    "denial-removed": Section.IAM,
    "statements-changed": Section.IAM,
    "policy-unreadable": Section.IAM,
    "trust-widened": Section.IAM,
    "managed-policy-attached": Section.IAM,
    "role-bounds-changed": Section.IAM,
    "open-to-everyone": Section.EXPOSURE,
    "ingress-opened": Section.EXPOSURE,
    "public-access": Section.EXPOSURE,
    "tls-weakened": Section.EXPOSURE,
    "egress-added": Section.EXPOSURE,
    "egress-opened": Section.EXPOSURE,
    "internet-route-added": Section.EXPOSURE,
    "web-firewall-weakened": Section.EXPOSURE,
    "load-balancer-weakened": Section.EXPOSURE,
    "collector-opened": Section.EXPOSURE,
    "ingress-narrowed": Section.EXPOSURE,
    "capacity-lowered": Section.AVAILABILITY,
    "service-replaced": Section.AVAILABILITY,
    "instances-refreshed": Section.AVAILABILITY,
    "alarm-weakened": Section.MONITORING,
    "audit-trail-cut": Section.MONITORING,
    "unclassified-change": Section.UNCLASSIFIED,
    "drifted": Section.DRIFT,
    "value-hidden": Section.HIDDEN,
    "rules-changed": Section.REVIEW,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a reviewer must know. `text` and `details` are Markdown in which every value is a code span.

    `address` is the resource's, or a path in the repository.
    """

    kind: str
    address: str
    text: str
    details: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind} is not in KINDS")

    @property
    def section(self) -> Section:
        """Where the finding stands."""
        return KINDS[self.kind]


def counted(number: int, noun: str) -> str:
    """Return `1 thing` or `2 things`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def code(value: Any) -> str:
    """Return `value` as a Markdown code span, in which nothing of it is markup, a mention or HTML."""
    if isinstance(value, Hidden):
        return HIDDEN_TEXT
    if value is UNKNOWN:
        return "(known after apply)"
    if value is None:
        return "(none)"
    text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    # A span ends at a backtick and a table cell at a bar, so neither can stand in one.
    text = " ".join(text.replace("`", "'").replace("|", "¦").split())
    if len(text) > LONGEST_VALUE:
        text = text[: LONGEST_VALUE - 1] + "…"
    return f"`{text}`" if text else "(empty)"
