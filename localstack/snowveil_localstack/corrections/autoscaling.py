"""Auto Scaling: policies and hooks are described with what Terraform expects; an instance refresh can be started."""

from __future__ import annotations

import uuid
from typing import Any

from localstack.services.moto import call_moto


def describe_policies(context: Any, _request: Any) -> Any:
    """Describe. moto leaves out Enabled and gives every policy an empty predictive configuration."""
    response = call_moto(context)
    for policy in response.get("ScalingPolicies", []):
        policy["Enabled"] = True
        if policy.get("PolicyType") != "PredictiveScaling":
            policy.pop("PredictiveScalingConfiguration", None)
    return response


def describe_lifecycle_hooks(context: Any, _request: Any) -> Any:
    """Describe. moto invents a role and a queue for every hook, and keeps none that is given."""
    response = call_moto(context)
    for hook in response.get("LifecycleHooks", []):
        hook.pop("RoleARN", None)
        hook.pop("NotificationTargetARN", None)
    return response


def start_instance_refresh(_context: Any, _request: Any) -> Any:
    """Start nothing: moto has no such operation, and its instances run no program that could be replaced."""
    return {"InstanceRefreshId": str(uuid.uuid4())}


OPERATIONS = {
    "DescribeLifecycleHooks": describe_lifecycle_hooks,
    "DescribePolicies": describe_policies,
    "StartInstanceRefresh": start_instance_refresh,
}
