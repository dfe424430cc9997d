from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from scripts.localstack import LocalStack
from scripts.rehearsal import run
from scripts.rehearsal.canaries import Canaries
from scripts.rehearsal.environment import OneMachine
from scripts.rehearsal.ledger import Destination, Ledger

VISITS = 20


@pytest.fixture(scope="session")
def machine(localstack: LocalStack) -> Iterator[OneMachine]:
    """The localstack environment, applied once for all tests; destroying it is a test of its own, in test_teardown."""
    machine = OneMachine(localstack)
    machine.package()
    machine.apply()
    try:
        machine.boot()
        yield machine
    finally:
        machine.stop()


@dataclass(frozen=True, slots=True)
class Rehearsal:
    machine: OneMachine
    canaries: Canaries
    ledger: Ledger
    delivered: dict[Destination, int]


@pytest.fixture(scope="session")
def rehearsal(machine: OneMachine) -> Rehearsal:
    """Everything sent once, and all of it delivered."""
    canaries, ledger = Canaries(), Ledger()
    run.send(machine, canaries, ledger, VISITS, print)
    return Rehearsal(machine, canaries, ledger, run.wait_until_delivered(machine, ledger, print))
