"""What an environment may set, over the whole root module: all of it is planned at once, a mistyped key is an error."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts.terraform_runner.environment import Environment
from scripts.terraform_runner.run import Terraform

INSTANCES = {"type": "t4g.small", "min": 1, "max": 1}
IMAGE = {
    "image": "222222222222.dkr.ecr.eu-west-1.amazonaws.com/snowplow/scala-stream-collector-kinesis",
    "digest": f"sha256:{'0' * 64}",
    "accept_limited_use_license": True,
}
PII_SECRET = {
    "arn": "arn:aws:secretsmanager:eu-west-1:111111111111:secret:pii-AbCdEf",
    "kms_key_arn": "arn:aws:kms:eu-west-1:111111111111:key/secrets",
}


def planned(
    packages: Path, monkeypatch: pytest.MonkeyPatch, saved: Path | None = None, **variables: Any
) -> subprocess.CompletedProcess[str]:
    """Plan dev offline with other values of some variables, and save the plan."""
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("TF_DATA_DIR", "TF_CLI_CONFIG_FILE", "TF_IN_AUTOMATION", "AWS_EC2_METADATA_DISABLED"):
        monkeypatch.setenv(name, "")  # restored afterwards
    environment = Environment("dev", offline=True, packages=packages, scratch=packages.parent)
    Terraform(environment).init()
    given = [f"-var={name}={json.dumps(value)}" for name, value in variables.items()]
    given += [f"-out={saved}"] if saved else []
    return subprocess.run(
        ["terraform", "plan", "-input=false", "-no-color", f"-var-file={environment.tfvars}", *given],
        cwd=environment.working_directory,
        capture_output=True,
        text=True,
        check=False,
    )


def test_everything_that_an_environment_may_choose_is_planned(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = planned(
        packages,
        monkeypatch,
        collector={"instances": INSTANCES, "engine": "snowplow", "snowplow": IMAGE, "settings": {"hsts": {}}},
        enricher={
            "instances": INSTANCES,
            "enrichments": {
                "anon_ip": {"parameters": {"anonOctets": 2}},
                "pii_enrichment_config": {"secret": PII_SECRET},
            },
            "iglu": {"registries": {"ours": {"uri": "s3://assets/iglu", "vendorPrefixes": ["com.example"]}}},
            "assets": {"object_arns": ["arn:aws:s3:::assets/iglu/*"]},
        },
        streams={"pii": {}},
    )
    assert not done.returncode, done.stderr
    for address in (
        'module.network.aws_vpc_endpoint.interface["ecr.dkr"]',
        'module.pii_stream["pii"].aws_kinesis_stream.this',
        'module.pii_stream["pii"].aws_cloudwatch_metric_alarm.this["iterator-age"]',
        'module.keys.aws_kms_key.this["pii"]',
        'module.enricher.module.instances.aws_iam_role_policy.this["write-pii"]',
        'module.enricher.module.instances.aws_iam_role_policy.this["read-secrets"]',
        'module.collector.module.instances.aws_iam_role_policy.this["pull-image"]',
    ):
        assert f"# {address} will be created" in done.stdout, address


def test_names_certificate_firewall_and_ipv6_are_planned_together(
    packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = {
        "cidr": "10.0.0.0/16",
        "zones": {
            f"eu-west-1{zone}": {"public_cidr": f"10.0.{at}.0/24", "private_cidr": f"10.0.1{at}.0/24"}
            for at, zone in enumerate("ab")
        },
        "ipv6": True,
    }
    names = {"collector.example.com": "Z0123456789ABCDEFGHIJ", "events.shop.example": "Z0123456789ABCDEFGHIK"}
    done = planned(
        packages, monkeypatch, network=network, collector={"instances": INSTANCES, "host_names": names, "firewall": {}}
    )
    assert not done.returncode, done.stderr
    for address in (
        'module.host_names["collector"].aws_acm_certificate.this',
        'module.host_names["collector"].aws_route53_record.this["events.shop.example AAAA"]',
        'module.firewall["made"].aws_wafv2_web_acl.this',
        'module.collector.aws_wafv2_web_acl_association.this["made"]',
        'module.collector.aws_lb_listener.https["certificate"]',
        'module.collector.aws_lb_listener.redirect["certificate"]',
        'module.collector.aws_vpc_security_group_ingress_rule.client["::/0 to 443"]',
        'module.network.aws_route.internet_ipv6["vpc"]',
    ):
        assert f"# {address} will be created" in done.stdout, address
    assert 'module.collector.aws_lb_listener.plain["trial"]' not in done.stdout


def test_a_copy_of_the_lake_in_a_second_region_is_planned(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readers = {"output/": ["arn:aws:iam::111111111111:role/analyst"]}
    done = planned(packages, monkeypatch, lake={"readers": readers, "replica_region": "eu-central-1"})
    assert not done.returncode, done.stderr
    for address in (
        'module.replica_keys["eu-central-1"].aws_kms_key.this["lake-replica"]',
        'module.lake_replica["eu-central-1"].module.bucket.aws_s3_bucket.this',
        'module.lake_replica["eu-central-1"].aws_s3_bucket_replication_configuration.this',
    ):
        assert f"# {address} will be created" in done.stdout, address
    assert '"arn:aws:iam::111111111111:role/snowplow-lake-replica"' in done.stdout


def test_a_mistyped_key_is_named_at_every_depth(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = {"uri": "https://example.com", "vendorPrefix": ["com.example"]}
    done = planned(
        packages,
        monkeypatch,
        collector={"instances": INSTANCES, "settings": {"cookies": {}, "cookie": {"samesite": "Lax"}}},
        enricher={"instances": INSTANCES, "iglu": {"registries": {"ours": registry}}, "settings": {"retrieval": {}}},
    )
    assert done.returncode == 1
    assert " ".join(done.stderr.replace("│", " ").split()).count("There is no setting") == 1
    for key in (
        "collector.settings.cookies",
        "collector.settings.cookie.samesite",
        "enricher.iglu.registries.ours.vendorPrefix",
        "enricher.settings.retrieval",
    ):
        assert key in "".join(done.stderr.replace("│", "").split()), key
