"""Expiry of a bucket's objects, in days by prefix, out of its lifecycle configuration."""

from __future__ import annotations

from typing import Any

from scripts.plan_review.findings import code
from scripts.plan_review.values import blocks


def expiry_days(values: dict[str, Any]) -> dict[str, int]:
    """Return days until deletion by what is deleted, of enabled rules; in words, with values as code.

    Source: aws_s3_bucket_lifecycle_configuration of the AWS provider, one block a rule.
    """
    found: dict[str, int] = {}
    for rule in blocks(values.get("rule")):
        if rule.get("status") != "Enabled":
            continue
        place = f"objects under {code(prefix)}" if (prefix := _prefix(rule)) else "all objects"
        for block, name, what in (
            ("expiration", "days", place),
            ("noncurrent_version_expiration", "noncurrent_days", f"old versions of {place}"),
        ):
            for part in blocks(rule.get(block)):
                days = part.get(name)
                if isinstance(days, int) and days > 0:
                    found[what] = min(days, found.get(what, days))
    return found


def _prefix(rule: dict[str, Any]) -> str:
    for part in blocks(rule.get("filter")):
        for place in (part, *blocks(part.get("and"))):
            if place.get("prefix"):
                return str(place["prefix"])
    return str(rule.get("prefix") or "")
