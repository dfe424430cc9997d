"""The policies that are in force in an account, read by API, and what they let each role do."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.iam.evaluator import Decision, Policy, Request, as_list, decide

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# A role that somebody made too powerful: what is denied to it is denied by the resource.
ADMINISTRATOR: Policy = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@dataclass(frozen=True)
class Account:
    """`identities` are the policies of each role by its ARN, `resources` the policy of each resource by its ARN."""

    identities: Mapping[str, list[Policy]]
    resources: Mapping[str, Policy]
    trusts: Mapping[str, Policy] = field(default_factory=dict)

    def decide(self, request: Request, *more: Policy) -> Decision:
        """Return AWS's answer to `request` when the principal has the policies `more` besides its own."""
        owner = request.resource.partition("/")[0] if request.resource.startswith("arn:aws:s3:") else request.resource
        return decide(request, [*self.identities.get(request.principal, []), *more], self.resources.get(owner))

    def statements(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield every statement with the ARN of what it is attached to."""
        attached = [*((arn, policy) for arn, policies in self.identities.items() for policy in policies)]
        for arn, policy in [*attached, *self.resources.items(), *self.trusts.items()]:
            for statement in policy.get("Statement", []):  # LocalStack takes a policy of none, which allows nothing
                yield arn, statement


def read_account(client: Callable[[str], Any]) -> Account:
    """Return the policies of every role, bucket, key, secret and topic that `client(service)` shows."""
    resources: dict[str, Policy] = {}
    s3, kms, secrets, sns = client("s3"), client("kms"), client("secretsmanager"), client("sns")
    for bucket in s3.list_buckets()["Buckets"]:
        try:
            resources[f"arn:aws:s3:::{bucket['Name']}"] = json.loads(
                s3.get_bucket_policy(Bucket=bucket["Name"])["Policy"]
            )
        except s3.exceptions.from_code("NoSuchBucketPolicy"):
            continue  # the bucket of the states, which LocalStack is given without terraform/bootstrap
    for alias in _pages(kms, "list_aliases", "Aliases"):
        if "TargetKeyId" in alias and not alias["AliasName"].startswith("alias/aws/"):  # AWS's own keys
            arn = kms.describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]["Arn"]
            resources[arn] = json.loads(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"])
    for secret in _pages(secrets, "list_secrets", "SecretList"):
        resources[secret["ARN"]] = json.loads(secrets.get_resource_policy(SecretId=secret["ARN"])["ResourcePolicy"])
    for topic in _pages(sns, "list_topics", "Topics"):
        attributes = sns.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]
        resources[topic["TopicArn"]] = json.loads(attributes["Policy"])
    identities, trusts = _roles(client("iam"))
    return Account(identities, resources, trusts)


def _roles(iam: Any) -> tuple[dict[str, list[Policy]], dict[str, Policy]]:
    identities: dict[str, list[Policy]] = defaultdict(list)
    trusts: dict[str, Policy] = {}
    for role in _pages(iam, "list_roles", "Roles"):
        name, arn = role["RoleName"], role["Arn"]
        trusts[arn] = role["AssumeRolePolicyDocument"]
        for policy in _pages(iam, "list_role_policies", "PolicyNames", RoleName=name):
            identities[arn].append(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])
        for policy in _pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name):
            attached = iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]
            version = iam.get_policy_version(PolicyArn=attached["Arn"], VersionId=attached["DefaultVersionId"])
            identities[arn].append(version["PolicyVersion"]["Document"])
    return identities, trusts


def _pages(client: Any, operation: str, what: str, **arguments: str) -> Iterator[Any]:
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page[what]


def too_wide(statement: Mapping[str, Any]) -> str | None:
    """Return what a statement allows to everybody, or of everything, None if it does neither."""
    if statement["Effect"] != "Allow":
        return None
    if excluded := [element for element in ("NotAction", "NotResource", "NotPrincipal") if element in statement]:
        return f"allows all but what {excluded[0]} names"
    if any("*" in action or "?" in action for action in as_list(statement["Action"])):
        return "allows actions by a wildcard"
    principal = statement.get("Principal", {})
    everybody = principal == "*" or "*" in as_list(principal.get("AWS", []))
    roles = as_list(statement.get("Condition", {}).get("ArnEquals", {}).get("aws:PrincipalArn", []))
    if everybody and (not roles or any("*" in role or "?" in role for role in roles)):
        return "allows everybody"
    return None
