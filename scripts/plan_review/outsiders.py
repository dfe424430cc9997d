"""Outsiders: who is sent copies of events, logs or notices by something that this configuration makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.plan_review.data_loss import code_of
from scripts.plan_review.findings import Finding, code
from scripts.plan_review.plan import Action
from scripts.plan_review.values import is_veiled, leaves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.plan import Change, Plan

# What sends something on, the attributes that say where to, and what goes there.
SENDERS = {
    "aws_sns_topic_subscription": (("endpoint", "protocol"), "alarms and notices"),
    "aws_cloudwatch_log_subscription_filter": (("destination_arn", "log_group_name"), "every line of the log"),
    "aws_kinesis_stream_consumer": (("stream_arn", "name"), "every event of the stream"),
    "aws_lambda_event_source_mapping": (("event_source_arn", "function_name"), "every record of the source"),
    "aws_pipes_pipe": (("source", "target"), "every record of the source"),
    "aws_s3_bucket_replication_configuration": (("rule", "bucket"), "a copy of every object"),
    "aws_dynamodb_kinesis_streaming_destination": (("stream_arn", "table_name"), "every change of an item"),
    "aws_cloudwatch_metric_stream": (("firehose_arn",), "metrics"),
}
# Who is notified of a new object. Snowpipe loads nothing that it is not notified of.
NOTICE = "aws_s3_bucket_notification"
NOTICES = ("queue", "topic", "lambda_function", "eventbridge")
LOOKS_AT = {**{kind: names for kind, (names, _) in SENDERS.items()}, NOTICE: NOTICES}


def findings(plan: Plan) -> Iterator[Finding]:
    """Yield who is sent something from now on, and whose notices of new objects stop or go elsewhere."""
    for change in plan.changes:
        if change.type in SENDERS and change.after:
            yield from _sender(change, plan.account_id)
        if change.type == NOTICE and change.before:
            yield from _notice(change)


def _sender(change: Change, account: str | None) -> Iterator[Finding]:
    names, what = SENDERS[change.type]
    new = {name: change.after.get(name) for name in names}
    if all(change.before.get(name) == value for name, value in new.items()):
        return
    # A receiver inside the account, by its ARN, is part of the pipeline; a stream's further reader never is.
    receiver = new[names[0]]
    if change.type == "aws_sns_topic_subscription" and _is_own(receiver, account):
        return
    where = ", ".join(f"{code(name)} {code_of(value)}" for name, value in new.items())
    yield Finding("outside-subscriber", change.address, f"sends {what} on: {where}")


def _is_own(receiver: Any, account: str | None) -> bool:
    if is_veiled(receiver) or account is None:
        return False
    part = str(receiver).split(":")
    return part[0] == "arn" and len(part) > 5 and part[4] == account  # arn:partition:service:region:account:…


def _notice(change: Change) -> Iterator[Finding]:
    if change.action in (Action.DELETE, Action.FORGET, Action.REPLACE):
        text = "is gone, for a while at least: nobody is notified of new objects, and what loads them stands still"
        yield Finding("notification-changed", change.address, text)
        return
    lines = []
    for name in NOTICES:
        old, new = (
            {_described(part) for part in _parts(getattr(change, side).get(name))} for side in ("before", "after")
        )
        lines += [f"no longer: {code(name)} {text}" for text in sorted(old - new)]
        lines += [f"from now on: {code(name)} {text}" for text in sorted(new - old)]
    if lines:
        yield Finding("notification-changed", change.address, "notifies others of new objects", tuple(lines))


def _parts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, False) else [value]


def _described(part: Any) -> str:
    if not isinstance(part, dict):
        return code(part)
    return ", ".join(
        f"{name} {code(value)}" for name, value in leaves(part) if value not in (None, "") and name != "id"
    )
