"""What Terraform's error messages mean here: one line with the remedy."""

from __future__ import annotations

import re

# What Terraform says, and what the reader can do: {env} is the environment, {1} the expression's first group.
REMEDIES = (
    (
        r"Error acquiring the state lock.*?ID: (\S+)",
        "the state of {env} is locked: wait for the other run, or `terraform force-unlock {1}` if that one died",
    ),
    (
        r"No valid credential sources|ExpiredToken|InvalidClientTokenId",
        "no valid AWS credentials for {env}: log in to its account",
    ),
    (
        r"AWS account ID not allowed",
        "the credentials are of another account than the one in environments/{env}/terraform.tfvars",
    ),
    (
        r'S3 bucket "([^"]+)" does not exist',
        "the state bucket {1} of environments/{env}/backend.hcl does not exist: create it first",
    ),
    # filesha256 and filebase64sha256 say "open …: no such file", file() and templates "no file exists at".
    (
        r'(?:no file exists at "|open )[./]*(build/[\w-]+-(arm64|x86_64)\.[\w.]+\w)"?[:;]',
        "{1} is missing: run `make package ARCH={2}`",
    ),
    (r'No value for required variable.*?variable "(\w+)"', "environments/{env}/terraform.tfvars lacks {1}"),
    (
        r"Instance cannot be destroyed.*?Resource (\S+)",
        "{1} holds data and is protected in {env}: read docs/adr/0003-prevent-destroy.md",
    ),
    (r"Saved plan is stale", "{env} has changed since its plan was saved: plan again"),
    (
        r"Failed to query available provider packages",
        "the AWS provider is not obtainable: name a mirror's directory in TF_PLUGIN_MIRROR",
    ),
    (r"connection refused", "nothing answers at AWS_ENDPOINT_URL: run `python -m scripts.localstack start`"),
)


def diagnose(message: str, command: str, env: str) -> str:
    """Return one line with the remedy for Terraform's (boxed, wrapped) error message."""
    text = re.sub(r"[\s│╷╵]+", " ", message)
    for pattern, remedy in REMEDIES:
        if match := re.search(pattern, text):
            return remedy.format(*match.group(0, *range(1, match.re.groups + 1)), env=env)
    return f"terraform {command} failed for {env}, its message is above"
