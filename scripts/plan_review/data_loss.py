"""Data loss: what holds data and goes away, and the changes in place that lose as much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.plan_review.findings import Finding, code
from scripts.plan_review.lifecycle import expiry_days
from scripts.plan_review.plan import Action
from scripts.plan_review.values import UNKNOWN, is_veiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.plan import Change, Plan

# What holds data, and what is lost with it.
STORES = {
    "aws_kinesis_stream": "every event in it that was not delivered yet",
    "aws_s3_bucket": "every object in it, all versions included",
    "aws_s3_bucket_versioning": "the protection of its objects from being overwritten",
    "aws_dynamodb_table": "every item in it",
    "aws_kms_key": "everything it encrypts, unreadable forever once its deletion window ends",
    "aws_secretsmanager_secret": "the secret: without the pseudonyms' key no pseudonym can be computed again",
    "aws_sqs_queue": "every message in it",
    "aws_ssm_parameter": "its value and history",
    "aws_ebs_volume": "every block on it",
    "aws_efs_file_system": "every file in it",
    "aws_db_instance": "the database",
    "aws_rds_cluster": "the databases",
    "aws_cloudwatch_log_group": "its log",
}
# Terraform's own words for why, from its documentation of action_reason.
REASONS = {
    "replace_because_tainted": "the object is marked as tainted",
    "replace_because_cannot_update": "what changes cannot be changed in place",
    "replace_by_request": "a replacement was asked for with -replace",
    "replace_by_triggers": "replace_triggered_by asks for it",
    "delete_because_no_resource_config": "the resource is no longer in the configuration",
    "delete_because_no_module": "its module is no longer in the configuration",
    "delete_because_wrong_repetition": "its index does not fit count or for_each any more",
    "delete_because_count_index": "count is lower than its index",
    "delete_because_each_key": "its key is no longer in for_each",
    "delete_because_no_move_target": "it moved to an address that is not in the configuration",
}
VERBS = {Action.DELETE: "is destroyed", Action.REPLACE: "is replaced", Action.FORGET: "is forgotten, and left alone,"}
# A lower number keeps data for less long, or leaves less time to notice.
LOWERED = {
    "aws_kinesis_stream": {"retention_period": "hours an event waits for its delivery"},
    "aws_cloudwatch_log_group": {"retention_in_days": "days the log is kept"},
    "aws_kms_key": {"deletion_window_in_days": "days in which a deletion can be undone"},
    "aws_secretsmanager_secret": {"recovery_window_in_days": "days in which a deletion can be undone"},
    "aws_sqs_queue": {"message_retention_seconds": "seconds a message is kept"},
    "aws_autoscaling_lifecycle_hook": {"heartbeat_timeout": "seconds an instance has to finish what it holds"},
}
DRAIN = "aws_autoscaling_lifecycle_hook"
# Switches, with the position that protects.
PROTECTIONS = {
    "aws_dynamodb_table": {"deletion_protection_enabled": True},
    "aws_lb": {"enable_deletion_protection": True},
    "aws_db_instance": {"deletion_protection": True},
    "aws_s3_bucket": {"force_destroy": False},
    "aws_kinesis_stream": {"enforce_consumer_deletion": False},
    "aws_kms_key": {"is_enabled": True, "enable_key_rotation": True},
}
DELIVERY = "aws_kinesis_firehose_delivery_stream"
S3 = "extended_s3_configuration"
LOOKS_AT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(STORES, ()),
    "aws_kinesis_stream": ("shard_count", "stream_mode_details", "retention_period", "enforce_consumer_deletion"),
    "aws_cloudwatch_log_group": ("retention_in_days",),
    "aws_kms_key": ("deletion_window_in_days", "is_enabled", "enable_key_rotation"),
    "aws_kms_alias": ("target_key_id",),
    "aws_secretsmanager_secret": ("recovery_window_in_days",),
    "aws_sqs_queue": ("message_retention_seconds",),
    "aws_dynamodb_table": ("deletion_protection_enabled", "point_in_time_recovery", "ttl"),
    "aws_lb": ("enable_deletion_protection",),
    "aws_db_instance": ("deletion_protection",),
    "aws_s3_bucket": ("force_destroy",),
    "aws_s3_bucket_versioning": ("versioning_configuration",),
    "aws_s3_bucket_object_lock_configuration": ("rule", "object_lock_enabled"),
    "aws_s3_bucket_lifecycle_configuration": ("rule",),
    DELIVERY: (f"{S3}.prefix", f"{S3}.bucket_arn", "kinesis_source_configuration", "destination"),
    DRAIN: ("heartbeat_timeout", "default_result", "lifecycle_transition", "autoscaling_group_name"),
}


def findings(plan: Plan) -> Iterator[Finding]:
    """Yield what the plan loses or may lose."""
    new_buckets = {
        change.after.get("bucket")
        for change in plan.changes
        if change.type == "aws_s3_bucket" and change.action is Action.CREATE
    }
    for change in plan.changes:
        if change.gone:
            yield from _gone(change)
        if change.action is Action.UPDATE or (change.action is Action.REPLACE and change.type not in STORES):
            yield from _lowered(change)
            yield from _unprotected(change)
        yield from _shorter_expiry(change, new_buckets)
        if change.type == DELIVERY and change.action is not Action.CREATE:
            yield from _delivery(change)
        if change.type == DRAIN and change.before:
            yield from _drain(change)
        if change.type == "aws_s3_bucket_object_lock_configuration" and change.before:
            yield from _object_lock(change)
        if change.type == "aws_kms_alias" and change.before and change.after:
            yield from _other_key(change)


def why(change: Change) -> tuple[str, ...]:
    """Return Terraform's reason for a destruction or replacement, as lines."""
    lines = []
    if change.replace_paths:
        for path in change.replace_paths:
            name = path.split(".")[0]
            old, new = code_of(change.before.get(name)), code_of(change.after.get(name))
            lines.append(f"{code(path)} forces it: {old} → {new}")
    if change.reason:
        lines.append(f"Terraform: {REASONS.get(change.reason, code(change.reason))}")
    return tuple(lines)


def code_of(value: Any) -> str:
    """Return a value as code, and a block or list by its kind only: it may hold anything."""
    return "a block" if isinstance(value, dict | list) else code(value)


def _gone(change: Change) -> Iterator[Finding]:
    if change.type == DELIVERY:
        text = f"{VERBS[change.action]}: records stay in its stream until their retention ends, and are lost then"
        if change.action is Action.REPLACE:
            text = f"{VERBS[change.action]}: the new one starts at its stream's newest record, earlier ones are skipped"
        yield Finding("delivery-replaced", change.address, text, why(change))
    elif change.type in STORES:
        text = f"{VERBS[change.action]}: lost is {STORES[change.type]}"
        if change.action is Action.FORGET:
            text = f"{VERBS[change.action]} by Terraform: nobody protects or repairs it any more"
        yield Finding("data-destroyed", change.address, text, why(change))


def _lowered(change: Change) -> Iterator[Finding]:
    before, after = change.before, change.after
    old_mode, new_mode = (change.block(side, "stream_mode_details").get("stream_mode") for side in ("before", "after"))
    if change.type == "aws_kinesis_stream" and (old_mode, new_mode) == ("ON_DEMAND", "PROVISIONED"):
        text = f"grew by itself until now, and has {code(after.get('shard_count'))} shards from now on"
        yield Finding("shards-lowered", change.address, text)
    elif change.type == "aws_kinesis_stream" and is_lower(before.get("shard_count"), after.get("shard_count")):
        yield Finding(
            "shards-lowered",
            change.address,
            f"has fewer shards: {code(before['shard_count'])} → {code(after['shard_count'])}. Above 1 MB or 1000 "
            "records a second and shard, writers are refused; readers must finish the closed shards",
        )
    for name, meaning in LOWERED.get(change.type, {}).items():
        # A log group's 0 is forever.
        old, new = (value if value != 0 else None for value in (before.get(name), after.get(name)))
        if is_lower(old, new) or (old is None and name == "retention_in_days" and isinstance(new, int)):
            kind = "drain-shortened" if change.type == DRAIN else "retention-lowered"
            yield Finding(kind, change.address, f"{meaning}: {code(old)} → {code(new)}")


def _unprotected(change: Change) -> Iterator[Finding]:
    for name, safe in PROTECTIONS.get(change.type, {}).items():
        old, new = change.before.get(name), change.after.get(name)
        if new is not safe and old != new and (old is safe or is_veiled(old)):
            text = f"protection off: {code(name)} {code(old)} → {code(new)}"
            yield Finding("protection-off", change.address, text)
    if change.type == "aws_dynamodb_table" and _enabled(change, "before") and not _enabled(change, "after"):
        yield Finding("protection-off", change.address, "point-in-time recovery is switched off")
    if change.type == "aws_s3_bucket_versioning":
        old, new = (change.block(side, "versioning_configuration").get("status") for side in ("before", "after"))
        if old == "Enabled" and new != "Enabled":
            yield Finding("protection-off", change.address, f"versioning: {code(old)} → {code(new)}")


def _drain(change: Change) -> Iterator[Finding]:
    """Yield what makes a stopping instance lose what it has acknowledged and not yet written."""
    if change.gone:
        text = f"{VERBS[change.action]}: a stopping instance ends at once, with what it holds"
        yield Finding("drain-shortened", change.address, text, why(change))
    for name in ("default_result", "lifecycle_transition", "autoscaling_group_name"):
        if change.after and change.before.get(name) != change.after.get(name):
            text = f"{code(name)}: {code(change.before.get(name))} → {code(change.after.get(name))}"
            yield Finding("drain-shortened", change.address, text)


def _object_lock(change: Change) -> Iterator[Finding]:
    if change.gone or change.before.get("rule") != change.after.get("rule"):
        yield Finding(
            "protection-off", change.address, "objects are locked against deletion differently, or not at all"
        )


def _other_key(change: Change) -> Iterator[Finding]:
    old, new = change.before.get("target_key_id"), change.after.get("target_key_id")
    if old != new:
        text = f"names another key: {code(old)} → {code(new)}. What the old one encrypts is readable with that one only"
        yield Finding("protection-off", change.address, text)


def _enabled(change: Change, side: str) -> bool:
    return change.block(side, "point_in_time_recovery").get("enabled") is True


def _shorter_expiry(change: Change, new_buckets: set[object]) -> Iterator[Finding]:
    if change.type == "aws_dynamodb_table" and change.action is Action.UPDATE:
        if change.block("after", "ttl").get("enabled") is True and not change.block("before", "ttl").get("enabled"):
            yield Finding("expiry-shortened", change.address, "its items expire from now on")
        return
    if change.type != "aws_s3_bucket_lifecycle_configuration":
        return
    # The first expiry of a bucket that is new deletes nothing; its name is unknown, or among the new ones.
    bucket = change.after.get("bucket")
    if change.action is Action.CREATE and (bucket is UNKNOWN or bucket in new_buckets):
        return
    if is_veiled(change.after.get("rule")):
        yield Finding("expiry-shortened", change.address, f"its rules cannot be compared: {code(change.after['rule'])}")
        return
    old, new = (expiry_days(getattr(change, side)) for side in ("before", "after"))
    lines = []
    for what in sorted(new):
        if what not in old:
            lines.append(f"{what}: kept forever → {new[what]} days")
        elif new[what] < old[what]:
            lines.append(f"{what}: {old[what]} → {new[what]} days")
    if lines:
        text = "deletes objects earlier; what is older than that goes within a day of the apply"
        yield Finding("expiry-shortened", change.address, text, tuple(lines))


def _delivery(change: Change) -> Iterator[Finding]:
    before, after = (change.block(side, "extended_s3_configuration") for side in ("before", "after"))
    for name in ("prefix", "bucket_arn"):
        if after and before.get(name) != after.get(name):
            text = f"writes elsewhere: {code(name)} {code(before.get(name))} → {code(after.get(name))}. Readers of the "
            yield Finding("destination-changed", change.address, text + "old place see no new object")
    old, new = (change.block(side, "kinesis_source_configuration") for side in ("before", "after"))
    if change.after and change.before.get("destination") != change.after.get("destination"):
        yield Finding("destination-changed", change.address, "delivers to another kind of place: `destination` changes")
    if new and old.get("kinesis_stream_arn") != new.get("kinesis_stream_arn"):
        text = f"reads another stream: {code(old.get('kinesis_stream_arn'))} → {code(new.get('kinesis_stream_arn'))}"
        yield Finding("destination-changed", change.address, text)


def is_higher(old: Any, new: Any) -> bool:
    """Return whether the new number is higher, or may be: another one that is hidden or unknown."""
    return is_lower(new, old) if not (is_veiled(old) or is_veiled(new)) else is_lower(old, new)


def is_lower(old: Any, new: Any) -> bool:
    """Return whether the new number is lower, or may be: another one that is hidden or unknown."""
    if is_veiled(old) or is_veiled(new):
        return old is not None and old != new
    numbers = (int, float)
    return isinstance(old, numbers) and isinstance(new, numbers) and new < old
