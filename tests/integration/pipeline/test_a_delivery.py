"""What arrives after everything was sent once: all of it, where it belongs, readable, and nothing original."""

import json
import re

import pytest
from snowplow_analytics_sdk.event_transformer import transform

from scripts.rehearsal import run, streams
from scripts.rehearsal.lake import ERRORS
from scripts.rehearsal.traffic.python_tracker import NAMESPACE
from tests.integration.pipeline.conftest import Rehearsal
from wire.columns import INDEX

pytestmark = [pytest.mark.localstack, pytest.mark.timeout(900)]  # the first test applies the environment
PSEUDONYM = re.compile(r"[0-9a-f]{64}")


def good(rehearsal: Rehearsal) -> list[list[str]]:
    return [record.decode().split("\t") for record in rehearsal.machine.lake.records("output/")]


def test_everything_sent_is_delivered_once(rehearsal: Rehearsal) -> None:
    assert rehearsal.delivered == dict(rehearsal.ledger.expected)
    identifiers = [cells[INDEX["event_id"]] for cells in good(rehearsal)]
    assert len(set(identifiers)) == len(identifiers) == rehearsal.ledger.expected["output"]


def test_no_canary_is_readable_anywhere(rehearsal: Rehearsal) -> None:
    hits, places = run.find_canaries(rehearsal.machine, rehearsal.canaries)
    assert hits == []
    assert places > 20


def test_objects_lie_under_the_hour_they_were_delivered_in(rehearsal: Rehearsal) -> None:
    lake = rehearsal.machine.lake
    for destination in ("output", "enriched-bad", "raw-bad"):
        keys = lake.keys(lake.bucket, f"{destination}/")
        assert keys
        pattern = rf"{destination}/\d{{4}}/\d\d/\d\d/\d\d/snowplow-{destination}-\d+-[\d-]+-[0-9a-f-]{{36}}\.gz"
        assert all(re.fullmatch(pattern, key) for key in keys), keys


def test_firehose_had_nothing_to_put_under_its_error_prefix(rehearsal: Rehearsal) -> None:
    assert rehearsal.machine.lake.keys(rehearsal.machine.lake.bucket, ERRORS) == []


def test_snowplows_own_reader_reads_every_delivered_event(rehearsal: Rehearsal) -> None:
    for cells in good(rehearsal):
        event = transform("\t".join(cells))
        assert event["event_id"] == cells[INDEX["event_id"]]


def test_a_user_has_one_pseudonym_in_a_column_and_in_a_context(rehearsal: Rehearsal) -> None:
    """The Python tracker sends the user's id as text in `uid` and as a number in GitLab's context."""
    visits = [cells for cells in good(rehearsal) if cells[INDEX["name_tracker"]] == NAMESPACE]
    assert visits
    for cells in visits:
        context = json.loads(cells[INDEX["contexts"]])["data"][0]["data"]
        assert PSEUDONYM.fullmatch(cells[INDEX["user_id"]])
        assert context["user_id"] == cells[INDEX["user_id"]]
        assert context["plan"] == "premium"


def test_the_streams_and_the_quarantine_hold_what_the_lake_must_not(rehearsal: Rehearsal) -> None:
    """The search proves nothing if canaries never reached the pseudonymizer."""
    machine = rehearsal.machine
    on_stream = b"\n".join(streams.records(machine.client("kinesis"), machine.outputs["streams"]["enriched-good"]))
    found = {hit.sent_as for hit in rehearsal.canaries.search("stream", on_stream)}
    assert {"page", "duid", "gitlab_standard.extra.label", "gitlab_standard.extra key"} <= found


def test_quarantined_records_are_encrypted_with_the_quarantines_own_key(rehearsal: Rehearsal) -> None:
    lake = rehearsal.machine.lake
    keys = lake.keys(lake.quarantine_bucket, "quarantine/")
    assert len(keys) == rehearsal.ledger.expected["quarantine"]
    heads = [lake.s3.head_object(Bucket=lake.quarantine_bucket, Key=key) for key in keys]
    delivered = lake.s3.head_object(Bucket=lake.bucket, Key=lake.keys(lake.bucket, "output/")[0])
    assert {head["ServerSideEncryption"] for head in heads} == {"aws:kms"}
    assert len({head["SSEKMSKeyId"] for head in heads}) == 1
    assert heads[0]["SSEKMSKeyId"] != delivered["SSEKMSKeyId"]


def test_a_second_plan_is_empty(rehearsal: Rehearsal) -> None:
    assert rehearsal.machine.plan_is_empty()
