"""Watch an environment after an apply: instance refreshes, and alarms of groups and functions.

Auto Scaling rolls a bad refresh back by itself. A pseudonymizer's version on trial (pseudonymizer.stable_versions) gets
no batch any more as soon as an alarm of its function is on.

Example: python -m scripts.watch --env dev --minutes 15

Exit code 0: all is well. 1: failed, the last line says why. 3: what is printed failed or was put back.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from scripts.terraform_runner.environment import Environment, TerraformError
from scripts.terraform_runner.run import Terraform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ALIAS = "live"
PERIOD_SECONDS = 15.0
UNDER_WAY = frozenset({"Pending", "InProgress", "Baking"})
# docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRefresh.html
BAD = frozenset({"Failed", "Cancelling", "Cancelled", "RollbackInProgress", "RollbackFailed", "RollbackSuccessful"})


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched: Auto Scaling groups by program, functions by delivery, and the clients to ask with."""

    groups: Mapping[str, str]
    functions: Mapping[str, str]
    autoscaling: Any
    cloudwatch: Any
    awslambda: Any

    def refreshes(self) -> dict[str, str]:
        """Return the status of each group's last refresh, by program; a group that never had one is left out."""
        found = {}
        for program, group in self.groups.items():
            answer = self.autoscaling.describe_instance_refreshes(AutoScalingGroupName=group, MaxRecords=1)
            if last := answer["InstanceRefreshes"]:
                found[program] = last[0]["Status"]
        return found

    def alarms(self, name: str) -> list[str]:
        """Return the alarms that are on, of the group or function `name`."""
        answer = self.cloudwatch.describe_alarms(AlarmNamePrefix=f"{name}-", StateValue="ALARM")
        return [alarm["AlarmName"] for alarm in answer["MetricAlarms"]]

    def end_trial(self, function: str) -> bool:
        """Take all batches from the version on trial; return whether there was one."""
        alias = self.awslambda.get_alias(FunctionName=function, Name=ALIAS)
        if not alias.get("RoutingConfig", {}).get("AdditionalVersionWeights"):
            return False
        self.awslambda.update_alias(FunctionName=function, Name=ALIAS, RoutingConfig={"AdditionalVersionWeights": {}})
        return True

    def problems(self) -> list[str]:
        """Return a line for everything that is not well, after what can be undone was undone."""
        lines = [f"{program}: the refresh is {status}" for program, status in self.refreshes().items() if status in BAD]
        for name in (*self.groups.values(), *self.functions.values()):
            lines += [f"{alarm} is on" for alarm in self.alarms(name)]
        for function in self.functions.values():
            if self.alarms(function) and self.end_trial(function):
                lines.append(f"{function}: the version on trial gets no batch any more")
        return lines


def watch(
    watched: Watched,
    minutes: float,
    say: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Look until `minutes` are over and no refresh is under way, or something is not well; return what is not."""
    started = clock()
    while True:
        if problems := watched.problems():
            return problems
        refreshing = [program for program, status in watched.refreshes().items() if status in UNDER_WAY]
        passed = (clock() - started) / 60
        if passed >= minutes and not refreshing:
            return []
        say(f"{passed:.0f} min: well" + (f", refreshing {', '.join(refreshing)}" if refreshing else ""))
        sleep(PERIOD_SECONDS)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.watch", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--env", required=True, help="a directory of environments/")
    parser.add_argument("--minutes", type=float, default=15, help="how long to look (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        terraform = Terraform(Environment(options.env))
        terraform.init()
        outputs = terraform.outputs()
        clients = {
            name: boto3.client(service, region_name=outputs["region"])  # type: ignore[call-overload]
            for name, service in (("autoscaling", "autoscaling"), ("cloudwatch", "cloudwatch"), ("awslambda", "lambda"))
        }
        watched = Watched(outputs["autoscaling_groups"], outputs["pseudonymizers"], **clients)
        problems = watch(watched, options.minutes, lambda line: print(line, file=sys.stderr, flush=True))
    except TerraformError as error:
        print(error, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"{options.env} cannot be watched: {error}", file=sys.stderr)
        return 1
    print(*problems, sep="\n", end="\n" if problems else "")
    return 3 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
