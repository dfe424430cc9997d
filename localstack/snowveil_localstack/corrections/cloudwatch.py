"""CloudWatch: an alarm keeps the tags it is created with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localstack.aws.api import handler
from localstack.services.cloudwatch.provider_v2 import CloudwatchProvider

if TYPE_CHECKING:
    from localstack.aws.api import RequestContext


class TaggingCloudwatchProvider(CloudwatchProvider):
    """LocalStack drops the tags of PutMetricAlarm."""

    @handler("PutMetricAlarm", expand=False)
    def put_metric_alarm(  # type: ignore[override] # the unexpanded form of the operation
        self, context: RequestContext, request: Any
    ) -> None:
        """Create or replace the alarm and tag it."""
        tags = request.pop("Tags", None)
        super().put_metric_alarm(context, request)
        if tags:
            store = self.get_store(context.account_id, context.region)
            arn = next(arn for arn, alarm in store.alarms.items() if alarm.alarm["AlarmName"] == request["AlarmName"])
            store.TAGS.tag_resource(arn, tags)
