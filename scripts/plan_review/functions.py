"""The transform's function: which code runs, as whom, with what beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.plan_review.data_loss import code_of
from scripts.plan_review.findings import Finding, code
from scripts.plan_review.plan import Action
from scripts.plan_review.values import blocks, is_veiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.plan import Change, Plan

# What runs beside or instead of the package that was reviewed, and what it may reach.
REWIRED = {
    "layers": "code from elsewhere runs beside the function's own, before it and with its rights",
    "handler": "another entry point of the package runs",
    "runtime": "another Python runs it",
    "role": "it runs with another role's rights",
    "image_uri": "an image runs instead of the package",
    "package_type": "an image runs instead of the package, or the other way round",
    "s3_bucket": "its package comes from another place",
    "s3_key": "its package comes from another place",
    "s3_object_version": "its package comes from another place",
    "vpc_config": "it runs in another network, and may reach what it did not",
    "file_system_config": "it reads and writes a file system",
    "dead_letter_config": "events it fails on go there, in clear",
    "code_signing_config_arn": "other packages than before count as signed",
    "publish": "versions are no longer published, or are from now on",
}
LOOKS_AT = {
    "aws_lambda_function": (*REWIRED, "reserved_concurrent_executions"),
    "aws_lambda_alias": ("function_version", "routing_config"),
}


def findings(plan: Plan) -> Iterator[Finding]:
    """Yield what makes other code run than the version that was reviewed, or makes the code stand still."""
    for change in plan.changes:
        if change.type == "aws_lambda_alias" and change.after:
            yield from _alias(change)
        if change.type == "aws_lambda_function" and change.action in (Action.UPDATE, Action.REPLACE):
            yield from _rewired(change)
        if change.type == "aws_lambda_function" and change.after:
            yield from _throttled(change)


def _alias(change: Change) -> Iterator[Finding]:
    old, new = change.before.get("function_version"), change.after.get("function_version")
    if new == "$LATEST" and old != new:
        text = (
            "names `$LATEST`: whatever is uploaded runs at once, reviewed or not, and no version is left to go back to"
        )
        yield Finding("function-unpinned", change.address, text)
    elif old is not None and old != new and not is_veiled(new):
        yield Finding("transform-changed", change.address, f"version {code(old)} → {code(new)}")
    if (weights := _weights(change, "after")) and weights != _weights(change, "before"):
        shares = ", ".join(f"{code(version)} {code(share)}" for version, share in sorted(weights.items()))
        text = f"sends a share of the calls to other versions than the one it names: {shares}"
        yield Finding("function-unpinned", change.address, text)


def _weights(change: Change, side: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for block in blocks(getattr(change, side).get("routing_config")):
        weights = block.get("additional_version_weights")
        found |= weights if isinstance(weights, dict) else {"other versions": weights} if weights else {}
    return found


def _rewired(change: Change) -> Iterator[Finding]:
    for name, meaning in REWIRED.items():
        old, new = (getattr(change, side).get(name) or None for side in ("before", "after"))
        if old != new:
            text = f"{code(name)} {code_of(old)} → {code_of(new)}: {meaning}"
            yield Finding("function-rewired", change.address, text)


def _throttled(change: Change) -> Iterator[Finding]:
    name = "reserved_concurrent_executions"
    old, new = change.before.get(name), change.after.get(name)
    unreserved = (None, -1)
    if old == new or new in unreserved or is_veiled(new):
        return
    if new == 0 or (change.before and (old in unreserved or (isinstance(old, int) and new < old))):
        text = f"{code(name)} {code(old)} → {code(new)}: what is throttled goes to the error prefix, in clear"
        yield Finding("transform-throttled", change.address, text)
