from typing import Any

import hcl2
import pytest

from scripts.terraform_runner.environment import ROOT, Environment, TerraformError
from tests.unit.terraform.planned import of_type

# They have no certificate: nobody but us sends to them.
TRIALS = ("dev", "localstack")


def environment_of(resources: dict[str, dict[str, Any]]) -> str:
    return str(next(iter(of_type(resources, "aws_kinesis_stream").values()))["tags_all"]["environment"])


def test_only_trackers_come_in_from_the_internet(resources: dict[str, dict[str, Any]]) -> None:
    open_rules = [
        (address, rule["from_port"])
        for address, rule in of_type(resources, "aws_vpc_security_group_ingress_rule").items()
        if rule["cidr_ipv4"] == "0.0.0.0/0"
    ]
    ports = [80] if environment_of(resources) in TRIALS else [443, 80]
    assert open_rules == [
        (f'module.collector.aws_vpc_security_group_ingress_rule.client["0.0.0.0/0 to {port}"]', port) for port in ports
    ]


def test_where_people_are_tracked_plain_http_only_redirects(resources: dict[str, dict[str, Any]]) -> None:
    does = {
        listener["protocol"]: listener["default_action"][0]["type"]
        for listener in of_type(resources, "aws_lb_listener").values()
    }
    trial = environment_of(resources) in TRIALS
    assert does == ({"HTTP": "forward"} if trial else {"HTTPS": "forward", "HTTP": "redirect"})


def test_every_delivery_calls_an_alias_and_keeps_no_copy_in_clear(resources: dict[str, dict[str, Any]]) -> None:
    deliveries = of_type(resources, "aws_kinesis_firehose_delivery_stream")
    assert {values["extended_s3_configuration"][0]["prefix"].split("/")[0] for values in deliveries.values()} == {
        "output",
        "enriched-bad",
        "raw-bad",
    }
    for address, values in deliveries.items():
        s3 = values["extended_s3_configuration"][0]
        assert s3.get("s3_backup_mode") in (None, "Disabled"), address
        assert s3["error_output_prefix"].startswith("firehose-errors/"), address
        assert s3["processing_configuration"][0]["enabled"], address


def test_the_secret_key_is_created_empty(resources: dict[str, dict[str, Any]]) -> None:
    of_type(resources, "aws_secretsmanager_secret")
    assert not [
        address for address, values in resources.items() if values["type"] == "aws_secretsmanager_secret_version"
    ]


def test_a_stream_outlasts_a_week_of_outage(resources: dict[str, dict[str, Any]]) -> None:
    streams = of_type(resources, "aws_kinesis_stream")
    assert {values["name"] for values in streams.values()} == {
        "snowplow-raw-good",
        "snowplow-raw-bad",
        "snowplow-enriched-good",
        "snowplow-enriched-bad",
    }
    assert all(values["retention_period"] >= 168 for values in streams.values())


def test_there_are_four_environments() -> None:
    found = sorted(path.parent.name for path in ROOT.glob("environments/*/terraform.tfvars"))
    assert found == ["dev", "localstack", "production", "staging"]


def test_only_localstack_overrides_anything() -> None:
    assert [path.parent.name for path in ROOT.glob("environments/*/overrides")] == ["localstack"]


def test_an_environment_that_does_not_exist_is_refused() -> None:
    with pytest.raises(
        TerraformError, match=r"environments/nowhere/terraform\.tfvars is missing; the environments are: dev"
    ):
        Environment("nowhere")


@pytest.mark.parametrize("kind", ["aws_kinesis_stream", "aws_kms_key", "aws_s3_bucket", "aws_secretsmanager_secret"])
def test_what_holds_data_cannot_be_destroyed(kind: str) -> None:
    """Not even by a plan that nobody read (docs/adr/0003-prevent-destroy.md); no plan shows it."""
    found = 0
    for path in ROOT.glob("modules/*/*.tf"):
        if f'"{kind}"' not in (text := path.read_text()):
            continue  # a file takes a second to parse
        blocks = hcl2.loads(text).get("resource", [])
        for body in (
            named for block in blocks for of, each in block.items() if of.strip('"') == kind for named in each.values()
        ):
            found += 1
            assert body["lifecycle"][0]["prevent_destroy"] is True, path
    assert found


def test_a_release_reaches_a_few_first_and_undoes_itself(resources: dict[str, dict[str, Any]]) -> None:
    alarms = {alarm["alarm_name"] for alarm in of_type(resources, "aws_cloudwatch_metric_alarm").values()}
    for address, template in of_type(resources, "aws_launch_template").items():
        assert template["image_id"].startswith("ami-"), address
    for address, group in of_type(resources, "aws_autoscaling_group").items():
        (preferences,) = group["instance_refresh"][0]["preferences"]
        assert preferences["auto_rollback"], address
        assert preferences["checkpoint_percentages"] == [20, 100], address
        watched = preferences["alarm_specification"][0]["alarms"]
        assert watched, address
        assert set(watched) <= alarms, address
        assert "GroupInServiceInstances" in group["enabled_metrics"], address
    hooks = of_type(resources, "aws_autoscaling_lifecycle_hook")
    gates = [hook for hook in hooks.values() if hook["lifecycle_transition"].endswith("LAUNCHING")]
    assert [gate["default_result"] for gate in gates] == ["ABANDON", "ABANDON"]


def test_the_load_balancer_has_alarms_that_somebody_hears(resources: dict[str, dict[str, Any]]) -> None:
    alarms = [
        alarm
        for alarm in of_type(resources, "aws_cloudwatch_metric_alarm").values()
        if alarm["namespace"] == "AWS/ApplicationELB"
    ]
    assert {alarm["metric_name"] for alarm in alarms} == {
        "HTTPCode_ELB_5XX_Count",
        "HTTPCode_Target_5XX_Count",
        "HealthyHostCount",
    }
    assert all(alarm["alarm_actions"] for alarm in alarms)


def test_whatever_costs_money_has_the_tags_of_its_environment(resources: dict[str, dict[str, Any]]) -> None:
    name = environment_of(resources)
    for address, template in of_type(resources, "aws_launch_template").items():
        tagged = {each["resource_type"]: each["tags"] for each in template["tag_specifications"]}
        assert tagged.keys() == {"instance", "network-interface", "volume"}, address
        for kind, tags in tagged.items():
            assert tags["environment"] == name, (address, kind)
            assert tags["application"] == "snowveil", (address, kind)
    untagged = [
        address
        for address, values in resources.items()
        if "tags_all" in values and (values["tags_all"] or {}).get("environment") != name
    ]
    assert untagged == []


def test_no_module_call_defers_its_data_sources() -> None:
    """`depends_on` on a module makes each data source in it unknown whenever what it names changes."""
    for path in (*ROOT.glob("terraform/**/*.tf"), *ROOT.glob("modules/*/*.tf")):
        if "depends_on" not in (text := path.read_text()):
            continue  # a file takes a second to parse
        calls = hcl2.loads(text).get("module", [])
        assert not [name for call in calls for name, body in call.items() if "depends_on" in body], path
