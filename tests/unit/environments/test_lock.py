"""Two commands on one environment exclude each other; the second one says who holds it and since when."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts import apply, bootstrap, destroy, drift, output, plan, review
from scripts.terraform_runner import environment, lock
from scripts.terraform_runner.environment import BOOTSTRAP, Environment
from tests.unit.environments.checkout import Checkout

HOLD = """
import sys
from pathlib import Path
from scripts.terraform_runner import lock
from scripts.terraform_runner.environment import Environment

with lock.exclusive(Environment("dev", root=sys.argv[2], scratch=Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""
SAID = r"dev is in use: `-c` of \S+@\S+, process {process}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC: wait for it"


@pytest.fixture(params=["terraform", BOOTSTRAP])
def holder(request: pytest.FixtureRequest, planned: Checkout) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that is at work on dev, or on the bucket of its state."""
    planned.write("environments/dev/backend.hcl", 'bucket = "b"\nkey = "dev"\nregion = "eu-west-1"\n')
    repository = Path(lock.__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, planned.root / "build", request.param],
        cwd=repository,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.communicate()


def last_line(capfd: pytest.CaptureFixture[str]) -> str:
    return capfd.readouterr().err.rstrip().splitlines()[-1]


@pytest.mark.parametrize("holder", ["terraform"], indirect=True)
@pytest.mark.parametrize("command", [plan.main, apply.main, destroy.main, drift.main, output.main, review.main])
def test_second_command_on_an_environment_says_who_holds_it(
    holder: subprocess.Popen[bytes], command: Callable[[list[str]], int], capfd: pytest.CaptureFixture[str]
) -> None:
    saved = environment.BUILD / "dev/tfplan"
    before = saved.read_bytes()
    assert command(["--env", "dev"]) == 75
    assert re.fullmatch(SAID.format(process=holder.pid), last_line(capfd))
    assert saved.read_bytes() == before


@pytest.mark.parametrize("holder", [BOOTSTRAP], indirect=True)
def test_second_bootstrap_says_who_holds_the_environment(
    holder: subprocess.Popen[bytes], capfd: pytest.CaptureFixture[str]
) -> None:
    assert bootstrap.main(["--env", "dev"]) == 75
    assert re.fullmatch(SAID.format(process=holder.pid), last_line(capfd))


@pytest.mark.parametrize("holder", ["terraform"], indirect=True)
def test_lock_of_a_killed_command_is_gone(holder: subprocess.Popen[bytes]) -> None:
    holder.kill()
    holder.wait()
    with lock.exclusive(Environment("dev")):
        pass


@pytest.mark.usefixtures("holder")
@pytest.mark.parametrize("holder", ["terraform"], indirect=True)
def test_commands_on_two_environments_do_not_wait_for_each_other() -> None:
    assert plan.main(["--env", "production"]) == 0
