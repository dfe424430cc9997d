"""EC2: a launch template's own tags stay out of its data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localstack.aws.api import handler
from localstack.services.ec2.provider import Ec2Provider
from moto.ec2.models import ec2_backends

if TYPE_CHECKING:
    from localstack.aws.api import RequestContext


class LaunchTemplateEc2Provider(Ec2Provider):
    """moto copies the template's tags into the specification of the instances."""

    @handler("CreateLaunchTemplate", expand=False)
    def create_launch_template(  # type: ignore[override] # the unexpanded form of the operation
        self, context: RequestContext, request: Any
    ) -> Any:
        """Create, then take the copied tags out of every version's data."""
        response: Any = super().create_launch_template(context, request)
        template_id = response["LaunchTemplate"]["LaunchTemplateId"]
        for version in ec2_backends[context.account_id][context.region].launch_templates[template_id].versions:
            tagged = version.data.pop("TagSpecifications", None) or []
            kept = [tags for tags in tagged if tags.get("ResourceType") != "launch-template"]
            if kept:
                version.data["TagSpecifications"] = kept
        return response
