"""Auto Scaling: a policy is described with what Terraform expects."""

from __future__ import annotations

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


OPERATIONS = {"DescribePolicies": describe_policies}
