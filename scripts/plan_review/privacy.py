"""Privacy: what changes in the way of a record from a stream to a reader. Readers: see permissions.py."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from scripts.plan_review.findings import Finding, code
from scripts.plan_review.lifecycle import expiry_days
from scripts.plan_review.plan import Action
from scripts.plan_review.values import blocks, is_veiled, leaves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.plan import Change, Plan

DELIVERY = "aws_kinesis_firehose_delivery_stream"
# Attributes that name the key of what a resource stores; without one AWS's own key, or none, is used.
KEY_ATTRIBUTES = ("kms_key_id", "kms_key_arn", "kms_master_key_id", "kms_key")
# Switches inside blocks, on while something is encrypted with its own key.
ENCRYPTED = ("encrypted", "server_side_encryption.enabled", "encryption_at_rest.enabled")
S3 = "extended_s3_configuration"
LOOKS_AT = {
    "*": KEY_ATTRIBUTES,
    DELIVERY: (
        *(f"{S3}.{name}" for name in ("s3_backup_mode", "s3_backup_configuration", "error_output_prefix")),
        *(f"{S3}.{name}" for name in ("processing_configuration", "kms_key_arn", "role_arn")),
        "server_side_encryption",
    ),
    "aws_lambda_function": ("environment", "source_code_hash"),
    "aws_kinesis_stream": ("encryption_type",),
    "aws_s3_bucket_server_side_encryption_configuration": ("rule",),
    "aws_s3_bucket_lifecycle_configuration": ("rule",),
    "aws_launch_template": ("block_device_mappings.ebs.encrypted", "block_device_mappings.ebs.kms_key_id"),
    "aws_dynamodb_table": ("server_side_encryption",),
}


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
    elif change.before and transform != _transform(before):
        text = f"is transformed by another function: {code(_transform(before))} → {code(transform)}"
        yield Finding("transform-changed", change.address, text)
    if before and before.get("role_arn") != after.get("role_arn"):
        text = f"reads and writes as another role: {code(before.get('role_arn'))} → {code(after.get('role_arn'))}"
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
                if is_veiled(processor.get("parameters")):
                    return processor["parameters"]
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
    old_parts, new_parts = dict(_named_leaves(change.before)), dict(_named_leaves(change.after))
    for path, old in old_parts.items():
        new = new_parts.get(path)
        if old == new or change.type == "aws_s3_bucket_server_side_encryption_configuration":
            continue
        if path.split(".")[-1] in KEY_ATTRIBUTES and old:
            if new in (None, ""):
                text = f"is no longer encrypted with its own key: {code(path)} {code(old)} → (none)"
                yield Finding("encryption-weakened", change.address, text)
            elif change.action is Action.UPDATE:
                text = f"is encrypted with another key: {code(path)} {code(old)} → {code(new)}. Who may use that one?"
                yield Finding("encryption-key-changed", change.address, text)
        if path.endswith(ENCRYPTED) and _is_on(old) and not _is_on(new):
            text = f"is no longer encrypted with its own key: {code(path)} {code(old)} → {code(new)}"
            yield Finding("encryption-weakened", change.address, text)
    if change.before.get("encryption_type") == "KMS" and change.after.get("encryption_type") != "KMS":
        yield Finding("encryption-weakened", change.address, "is no longer encrypted")
    old, new = (_bucket_encryption(change, side) for side in ("before", "after"))
    if change.type == "aws_s3_bucket_server_side_encryption_configuration" and old[0] == "aws:kms" and old != new:
        text = f"{code(old[0])} with {code(old[1])} → {code(new[0])} with {code(new[1])}"
        yield Finding("encryption-weakened", change.address, text)


def _named_leaves(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the parts of a resource by their path without indices: a block stands for the first of its kind."""
    seen = set()
    for path, value in leaves(values):
        name = re.sub(r"\[\d+\]", "", path)
        if name not in seen:
            seen.add(name)
            yield name, value


def _is_on(value: Any) -> bool:
    return value in (True, "true")  # the provider has a launch template's switches as texts


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
        f"{what}: {old[what]} days → {f'{new[what]} days' if what in new else 'forever'}"
        for what in sorted(old)
        if what not in new or new[what] > old[what]
    ]
    if lines:
        yield Finding("kept-longer", change.address, "keeps objects longer", tuple(lines))
