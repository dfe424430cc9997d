"""Privacy: what changes in the way of a record from a stream to a reader. Readers: see permissions.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.plan_review.findings import Finding, code
from scripts.plan_review.lifecycle import expiry_days
from scripts.plan_review.plan import Action
from scripts.plan_review.values import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.plan import Change, Plan

DELIVERY = "aws_kinesis_firehose_delivery_stream"
# Attributes that name the key of what a resource stores; without one AWS's own key, or none, is used.
KEY_ATTRIBUTES = ("kms_key_id", "kms_key_arn", "kms_master_key_id")


def findings(plan: Plan) -> Iterator[Finding]:
    """Yield what could show more of a person than before."""
    for change in plan.changes:
        if change.type == DELIVERY:
            yield from _delivery(change)
        if change.type == "aws_lambda_function" and change.action in (Action.UPDATE, Action.REPLACE):
            yield from _function(change)
        if change.action in (Action.UPDATE, Action.REPLACE):
            yield from _encryption(change)
        yield from _kept_longer(change)


def _delivery(change: Change) -> Iterator[Finding]:
    before, after = (change.block(side, "extended_s3_configuration") for side in ("before", "after"))
    if not after:
        return
    if after.get("s3_backup_mode") == "Enabled" and before.get("s3_backup_mode") != "Enabled":
        text = "keeps a backup of its source: a second copy of every record, in clear"
        yield Finding("raw-copy-kept", change.address, text)
    transform = _transform(after)
    if transform is None:
        text = "has no enabled transform: records are delivered in clear"
        if change.action is Action.CREATE or _transform(before) is not None:
            yield Finding("transform-bypassed", change.address, text)
    elif before and transform != _transform(before):
        text = f"is transformed by another function: {code(_transform(before))} → {code(transform)}"
        yield Finding("transform-changed", change.address, text)
    if before and before.get("error_output_prefix") != after.get("error_output_prefix"):
        old, new = before.get("error_output_prefix"), after.get("error_output_prefix")
        text = f"error prefix {code(old)} → {code(new)}: originals land there, in clear. Check who reads the new place"
        yield Finding("error-prefix-changed", change.address, text)


def _transform(configuration: dict[str, Any]) -> Any:
    """Return the ARN of the function that transforms, None without one."""
    for processing in blocks(configuration.get("processing_configuration")):
        if processing.get("enabled") is not True:
            continue
        for processor in blocks(processing.get("processors")):
            if processor.get("type") == "Lambda":
                for parameter in blocks(processor.get("parameters")):
                    if parameter.get("parameter_name") == "LambdaArn":
                        return parameter.get("parameter_value")
    return None


def _function(change: Change) -> Iterator[Finding]:
    old, new = (change.block(side, "environment").get("variables") or {} for side in ("before", "after"))
    if not isinstance(old, dict) or not isinstance(new, dict):
        old, new = {"variables": old}, {"variables": new}
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) == new.get(name):
            continue
        text = f"setting {code(name)}: {code(old.get(name))} → {code(new.get(name))}"
        if name == "KEY_SECRET_ARN":
            text += ". Under another key every pseudonym is another: nothing joins with what was delivered before"
            yield Finding("pseudonym-key-changed", change.address, text)
        else:
            yield Finding("transform-changed", change.address, text)
    if change.before.get("source_code_hash") != change.after.get("source_code_hash"):
        yield Finding("transform-changed", change.address, "runs other code, or has another policy in its package")


def _encryption(change: Change) -> Iterator[Finding]:
    for name in KEY_ATTRIBUTES:
        if change.before.get(name) and change.after.get(name) in (None, ""):
            text = f"is no longer encrypted with its own key: {code(name)} {code(change.before[name])} → (none)"
            yield Finding("encryption-weakened", change.address, text)
    if change.before.get("encryption_type") == "KMS" and change.after.get("encryption_type") != "KMS":
        yield Finding("encryption-weakened", change.address, "is no longer encrypted")
    old, new = (_bucket_encryption(change, side) for side in ("before", "after"))
    if change.type == "aws_s3_bucket_server_side_encryption_configuration" and old[0] == "aws:kms" and old != new:
        text = f"{code(old[0])} with {code(old[1])} → {code(new[0])} with {code(new[1])}"
        yield Finding("encryption-weakened", change.address, text)


def _bucket_encryption(change: Change, side: str) -> tuple[Any, Any]:
    for rule in blocks(getattr(change, side).get("rule")):
        for default in blocks(rule.get("apply_server_side_encryption_by_default")):
            return default.get("sse_algorithm"), default.get("kms_master_key_id")
    return None, None


def _kept_longer(change: Change) -> Iterator[Finding]:
    if change.type != "aws_s3_bucket_lifecycle_configuration" or change.action is Action.CREATE:
        return
    old, new = (expiry_days(getattr(change, side)) for side in ("before", "after"))
    lines = [
        f"{what}: {old[what]} days → {f'{new[what]} days' if what in new else 'for ever'}"
        for what in sorted(old)
        if what not in new or new[what] > old[what]
    ]
    if lines:
        yield Finding("kept-longer", change.address, "keeps objects longer", tuple(lines))
