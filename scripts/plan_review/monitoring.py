"""Monitoring: alarms that see less or tell nobody, and the trails by which an incident is understood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.plan_review.data_loss import VERBS, code_of
from scripts.plan_review.findings import Finding, code
from scripts.plan_review.plan import Action
from scripts.plan_review.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.plan import Change, Plan

# What decides when an alarm is raised (PutMetricAlarm, PutCompositeAlarm).
ALARMS = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
MEANING = (
    *("metric_name", "namespace", "dimensions", "metric_query", "statistic", "extended_statistic", "unit"),
    *("threshold", "threshold_metric_id", "comparison_operator", "period", "evaluation_periods"),
    *("datapoints_to_alarm", "treat_missing_data", "evaluate_low_sample_count_percentiles"),
    *("alarm_rule", "actions_suppressor", "actions_enabled"),
)
# Who is notified, and what is written down: without one of these nobody notices, and there is no record afterwards.
TRAILS = {
    "aws_sns_topic": "nobody is notified by what it carried",
    "aws_sns_topic_subscription": "its receiver gets nothing",
    "aws_flow_log": "there is no record of who connected to what",
    "aws_s3_bucket_logging": "there is no record of who read an object",
    "aws_cloudtrail": "there is no record of who called what",
    "aws_cloudwatch_log_metric_filter": "its metric stands still, and the alarm on it with it",
    "aws_cloudwatch_log_stream": "its entries go with it",
}
LOOKS_AT = {
    **dict.fromkeys(TRAILS, ()),
    **dict.fromkeys(ALARMS, (*MEANING, "alarm_actions")),
    "aws_sns_topic_subscription": ("endpoint", "protocol", "topic_arn", "filter_policy", "filter_policy_scope"),
    "aws_flow_log": ("traffic_type", "log_destination", "log_destination_type", "log_group_name"),
    "aws_s3_bucket_logging": ("target_bucket", "target_prefix"),
    "aws_cloudtrail": ("enable_logging", "s3_bucket_name", "is_multi_region_trail", "event_selector"),
    "aws_cloudwatch_log_metric_filter": ("pattern", "log_group_name", "metric_transformation"),
}
NARROWS = {"aws_flow_log", "aws_s3_bucket_logging", "aws_cloudtrail", "aws_cloudwatch_log_metric_filter"}


def findings(plan: Plan) -> Iterator[Finding]:
    """Yield what is noticed later, by fewer people, or not at all."""
    for change in plan.changes:
        if change.type in ALARMS:
            yield from _alarm(change)
        if change.type in TRAILS and change.action in (Action.DELETE, Action.FORGET):
            yield Finding("audit-trail-cut", change.address, f"{VERBS[change.action]}: {TRAILS[change.type]}")
        elif change.type in TRAILS and change.action in (Action.UPDATE, Action.REPLACE):
            yield from _moved(change)


def _alarm(change: Change) -> Iterator[Finding]:
    if change.action in (Action.DELETE, Action.FORGET):
        yield Finding("alarm-weakened", change.address, f"{VERBS[change.action]}: nobody is alarmed")
    if change.action not in (Action.UPDATE, Action.REPLACE):
        return
    lost = _actions(change, "before") - _actions(change, "after")
    if lost:
        text = f"no longer notifies {', '.join(map(code, sorted(lost)))}"
        yield Finding("alarm-weakened", change.address, text if _actions(change, "after") else f"{text}, nor anyone")
    moved = [
        f"{code(name)}: {code_of(change.before.get(name))} → {code_of(change.after.get(name))}"
        for name in MEANING
        if _differs(change.before.get(name), change.after.get(name))
    ]
    if moved:
        yield Finding("alarm-weakened", change.address, "alarms under other conditions than before", tuple(moved))


def _differs(old: Any, new: Any) -> bool:
    # What was never set and is computed again, as when the alarm is replaced, means nothing.
    return (old or None) != (new or None) and not (old is None and new is UNKNOWN)


def _actions(change: Change, side: str) -> set[str]:
    actions = getattr(change, side).get("alarm_actions")
    # A hidden or unknown list counts as one receiver of its own.
    return set(map(str, actions)) if isinstance(actions, list) else {str(actions)} if actions else set()


def _moved(change: Change) -> Iterator[Finding]:
    lines = [
        f"{code(name)}: {code_of(change.before.get(name))} → {code_of(change.after.get(name))}"
        for name in LOOKS_AT.get(change.type, ())
        if _differs(change.before.get(name), change.after.get(name))
    ]
    if lines and change.type in NARROWS:
        yield Finding("audit-trail-cut", change.address, "records less, or elsewhere", tuple(lines))
