"""EC2: launch templates without their own tags, endpoint policies as given, descriptions of all rules of groups."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from localstack.aws.api import handler
from localstack.services.ec2.provider import Ec2Provider
from moto.ec2.models import ec2_backends
from moto.ec2.models.security_groups import SecurityGroupRule

if TYPE_CHECKING:
    from localstack.aws.api import RequestContext


class CorrectedEc2Provider(Ec2Provider):
    """moto copies a template's tags into the specification of the instances; LocalStack shortens endpoint policies."""

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

    @handler("DescribeVpcEndpoints", expand=False)
    def describe_vpc_endpoints(  # type: ignore[override] # the unexpanded form of the operation
        self, context: RequestContext, request: Any
    ) -> Any:
        """Describe with each whole policy: without its Version, Terraform would plan to set it again each time."""
        response: Any = super().describe_vpc_endpoints(context, request)
        stored = ec2_backends[context.account_id][context.region].vpc_end_points
        for endpoint in response["VpcEndpoints"]:
            endpoint["PolicyDocument"] = stored[endpoint["VpcEndpointId"]].policy_document
        return response


def keep_rule_descriptions() -> None:
    """Let a rule that names a group or a prefix list have a description: moto reads it from address ranges only."""
    initialise = SecurityGroupRule.__init__
    signature = inspect.signature(initialise)

    def __init__(self: Any, *arguments: Any, **named: Any) -> None:  # noqa: N807 - it replaces that method
        initialise(self, *arguments, **named)
        prefix_list = signature.bind(self, *arguments, **named).arguments.get("prefix_list_id")
        self.prefix_list_description = (prefix_list or {}).get("Description")

    def description(self: Any) -> str | None:
        texts = (self.ip_range.get("Description"), self.source_group.get("Description"), self.prefix_list_description)
        return next((text for text in texts if text is not None), None)

    # setattr: to a type checker a method is not to be replaced.
    setattr(SecurityGroupRule, "__init__", __init__)  # noqa: B010
    setattr(SecurityGroupRule, "description", property(description))  # noqa: B010
