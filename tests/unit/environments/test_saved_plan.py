"""The plan that was read is the plan that is applied."""

import io
import json
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from scripts import apply, plan
from tests.unit.environments.checkout import Checkout

type Refusal = Callable[[int], str]

# A function of the provider, which asks no account.
PROVIDER = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

output "role" {
  value = provider::aws::trim_iam_role_path("arn:aws:iam::111111111111:role/path/${var.environment}")
}
"""


def age(checkout: Checkout, minutes: float) -> None:
    file = checkout.root / "build/dev/tfplan.record"
    record = json.loads(file.read_text())
    record["planned_at"] = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
    file.write_text(json.dumps(record))


def state(checkout: Checkout, name: str = "dev") -> int:
    """How many resources an environment has."""
    file = checkout.root / f"states/{name}.tfstate"
    return len(json.loads(file.read_text())["resources"]) if file.exists() else 0


def test_a_plan_is_applied_once(planned: Checkout, refusal: Refusal) -> None:
    age(planned, 59)
    assert apply.main(["--env", "dev"]) == 0
    assert state(planned) == 1
    assert refusal(apply.main(["--env", "dev"])) == "no saved plan: run `make plan ENV=dev` and read it"


def test_a_plan_is_applied_on_another_machine(checkout: Checkout) -> None:
    """A pipeline's apply has the commit, the plan with its record, and the packages; it has no provider."""
    main = (checkout.root / "terraform/main.tf").read_text()
    checkout.write("terraform/main.tf", main + PROVIDER)
    checkout.commit()
    assert plan.main(["--env", "dev"]) == 0
    shutil.rmtree(checkout.root / "build/dev/.terraform")
    assert apply.main(["--env", "dev"]) == 0
    assert state(checkout) == 1


def other_commit(checkout: Checkout) -> None:
    checkout.commit()


def change(checkout: Checkout) -> None:
    checkout.write("terraform/more.tf", "")


def other_plan_file(checkout: Checkout) -> None:
    (checkout.root / "build/production/tfplan").rename(checkout.root / "build/dev/tfplan")


def plan_of_another(checkout: Checkout) -> None:
    for name in ("tfplan", "tfplan.record"):
        (checkout.root / "build/production" / name).rename(checkout.root / "build/dev" / name)


def old(checkout: Checkout) -> None:
    age(checkout, 61)


def from_the_future(checkout: Checkout) -> None:
    age(checkout, -5)


def other_package(checkout: Checkout) -> None:
    checkout.package.write_text("two")


def one_package_more(checkout: Checkout) -> None:
    (checkout.root / "build/pseudonymizer-arm64.zip").write_text("new")


def no_record(checkout: Checkout) -> None:
    (checkout.root / "build/dev/tfplan.record").unlink()


def broken_record(checkout: Checkout) -> None:
    (checkout.root / "build/dev/tfplan.record").write_text('{"environment": "dev"}')


def no_checkout(checkout: Checkout) -> None:
    (checkout.root / ".git").rename(checkout.root / "build/git")


@pytest.mark.parametrize(
    ("meddle", "line"),
    [
        (other_commit, "the plan was made at commit "),
        (change, "terraform/more.tf differs from the commit that was planned: commit or undo it"),
        (other_plan_file, "the plan file is not the one that was saved and read"),
        (plan_of_another, "the saved plan is of production, not of dev"),
        (old, "the plan was saved 61 minutes ago, and 60 are allowed"),
        (from_the_future, "the plan was saved -5 minutes ago, and 60 are allowed"),
        (other_package, "build/collector-arm64.tar.gz is not the package that was planned"),
        (one_package_more, "build/pseudonymizer-arm64.zip is not the package that was planned"),
        (no_record, "tfplan.record is missing or unreadable"),
        (broken_record, "tfplan.record is missing or unreadable"),
        (no_checkout, "git does not know the commit that is planned"),
    ],
)
def test_another_plan_than_the_one_that_was_read_is_refused(
    planned: Checkout, refusal: Refusal, meddle: Callable[[Checkout], None], line: str
) -> None:
    meddle(planned)
    assert refusal(apply.main(["--env", "dev"])).startswith(line)
    assert state(planned) == 0


def test_a_plan_of_uncommitted_work_can_be_read_but_not_applied(checkout: Checkout, refusal: Refusal) -> None:
    checkout.write("terraform/more.tf", "")
    assert plan.main(["--env", "dev"]) == 0
    checkout.commit()
    assert refusal(apply.main(["--env", "dev"])) == (
        "the plan was made with an uncommitted change in terraform/more.tf: commit it first: "
        "run `make plan ENV=dev` and read it"
    )


def test_the_age_that_is_allowed_can_be_stated(planned: Checkout, refusal: Refusal) -> None:
    age(planned, 3)
    assert refusal(apply.main(["--env", "dev", "--max-age", "2"])).startswith("the plan was saved 3 minutes ago")
    assert apply.main(["--env", "dev", "--max-age", "4"]) == 0


def test_production_asks_for_its_name(planned: Checkout, refusal: Refusal, monkeypatch: pytest.MonkeyPatch) -> None:
    production = ["--env", "production"]
    monkeypatch.setattr(sys, "stdin", io.StringIO("production\n"))
    assert refusal(apply.main(production)).endswith("pass --confirm production")
    assert refusal(apply.main([*production, "--confirm", "dev"])) == "'dev' is not production: nothing was changed"
    monkeypatch.setattr(sys, "stdin", Terminal("yes\n"))
    assert refusal(apply.main(production)).endswith("'yes' is not production: nothing was changed")
    assert state(planned, "production") == 0
    monkeypatch.setattr(sys, "stdin", Terminal("production\n"))
    assert apply.main(production) == 0
    assert state(planned, "production") == 1


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_an_offline_plan_cannot_be_applied(checkout: Checkout, refusal: Refusal) -> None:
    checkout.write("modules/.keep", "")
    checkout.write("terraform/main.tf", 'terraform {\n  backend "s3" {}\n}\nvariable "environment" {}\n')
    checkout.write("environments/dev/terraform.tfvars", 'environment = "dev"\n')
    assert plan.main(["--env", "dev", "--offline"]) == 0
    assert refusal(apply.main(["--env", "dev"])).startswith("no saved plan")
