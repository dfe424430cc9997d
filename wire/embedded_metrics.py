"""CloudWatch's embedded metric format: which of a log line's keys are metrics.

Source: Amazon's specification "CloudWatch embedded metric format".
"""

from collections.abc import Mapping, Sequence


def directive(
    namespace: str, dimensions: Sequence[str], units: Mapping[str, str | None], milliseconds: int
) -> dict[str, object]:
    """Return the value of the line's key `_aws`, at a time since the epoch.

    `dimensions` and the keys of `units` are keys of the line; a metric's unit is one of CloudWatch's, or None for none.
    """
    metrics = [{"Name": name} if unit is None else {"Name": name, "Unit": unit} for name, unit in units.items()]
    definition = {"Namespace": namespace, "Dimensions": [list(dimensions)], "Metrics": metrics}
    return {"Timestamp": milliseconds, "CloudWatchMetrics": [definition]}
