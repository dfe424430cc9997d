"""The end: programs stop in order and the environment is destroyed. Runs last; the others need what it takes away."""

import pytest

from tests.integration.pipeline.conftest import Rehearsal

pytestmark = [pytest.mark.localstack, pytest.mark.timeout(900)]


def test_programs_stop_in_order(rehearsal: Rehearsal) -> None:
    assert set(rehearsal.machine.stop().values()) == {0}


def test_the_environment_is_destroyed_and_leaves_nothing(rehearsal: Rehearsal) -> None:
    machine = rehearsal.machine
    machine.destroy()
    buckets = [bucket["Name"] for bucket in machine.client("s3").list_buckets()["Buckets"]]
    names = buckets + machine.client("kinesis").list_streams()["StreamNames"]
    assert [name for name in names if name.startswith("snowplow-")] == []
