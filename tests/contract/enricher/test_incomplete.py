"""The incomplete event: each type of failure with its errors, schema and data.

Wire contract (docs/reference/wire-contract.md): D.7 Incomplete events.
"""

import json
from typing import Any

import pytest
from snowplow_analytics_sdk.event_transformer import transform

from services.enricher.processing.record_enricher import Outputs, RecordEnricher
from tests.fixtures.enricher import (
    ETL_TSTAMP,
    GET,
    IGLU,
    LINK_CLICK,
    SP,
    WEB_PAGE,
    Json,
    cells,
    contexts,
    get,
    sdj,
    unstruct,
)
from wire.collector_payload import CollectorPayload, encode

FAILURE = f"iglu:{SP}/failure/jsonschema/1-0-0"
ATOMIC = f"iglu:{SP}/atomic/jsonschema/1-0-0"


def incomplete(payload: CollectorPayload, max_size: int = 1_000_000) -> tuple[dict[str, str], list[Json]]:
    """Return the cells of the one incomplete event and the data of its failures."""
    made = Outputs()
    RecordEnricher(IGLU, max_size, max_incomplete_size=max_size).add(encode(payload), ETL_TSTAMP, made)
    assert len(made.bad) == 1
    assert not made.good
    (line,) = made.incomplete
    event = cells(line)
    transform(line.decode(), add_geolocation_data=False)
    derived = json.loads(event["derived_contexts"])["data"]
    assert {entity["schema"] for entity in derived} == {FAILURE}
    return event, [entity["data"] for entity in derived]


def failure(kind: str, errors: list[Any], schema: str | None, data: object) -> Json:
    return {
        "failureType": kind,
        "errors": errors,
        "schema": schema,
        "data": data,
        "timestamp": "2026-01-02T03:04:05.678Z",
        "componentName": "snowveil-enrich",
        "componentVersion": "0.1.0",
    }


@pytest.mark.contract("D.7/off")
def test_without_being_asked_there_is_none() -> None:
    made = Outputs()
    RecordEnricher(IGLU, 1_000_000).add(encode(get(tid="x")), ETL_TSTAMP, made)
    assert made.bad
    assert not made.incomplete


@pytest.mark.contract("D.7/atomic")
def test_parameters_that_could_not_be_read_are_null_and_told() -> None:
    event, failures = incomplete(get(tid="x", aid="a"))
    report: Json = {"message": "Cannot be converted to java.lang.Integer", "path": "tid"}
    report |= {"keyword": "atomic_field_parse_error", "targets": [], "source": "atomic_field"}
    assert failures == [failure("ValidationError", [report], ATOMIC, {"tid": "x"})]
    assert (event["txn_id"], event["app_id"]) == ("", "a")


@pytest.mark.contract("D.7/lengths")
def test_over_long_fields_are_null_but_those_without_which_there_is_no_event() -> None:
    event, failures = incomplete(get(aid="a" * 256, cv="c" * 101))
    assert event["app_id"] == ""
    assert event["v_collector"] == "c" * 101
    (data,) = (each["data"] for each in failures)
    assert data == {"app_id": "a" * 256, "v_collector": "c" * 101}


@pytest.mark.contract("D.7/entities")
def test_entities_that_are_invalid_are_taken_out_and_told() -> None:
    unknown = sdj("com.acme/x/jsonschema/1-0-0", {"a": 1})
    invalid = sdj(f"{SP}/web_page/jsonschema/1-0-0", {"id": "x"})
    no_uri = {"schema": "iglu:com.acme/x/jsonschema/0-0-0", "data": {}}
    event, failures = incomplete(get(e="ue", co=contexts(unknown, WEB_PAGE, invalid, no_uri), ue_pr=unstruct(invalid)))
    assert json.loads(event["contexts"])["data"] == [WEB_PAGE]
    assert (event["unstruct_event"], event["event_name"]) == ("", "")
    missing, refused, not_iglu, event_refused = failures
    assert missing["failureType"] == "ResolutionError"
    assert missing["data"] == {"a": 1}
    (error,) = missing["errors"]
    uri = "iglu:com.acme/x/jsonschema/1-0-0"
    assert (error["message"], error["source"]) == (f"Resolution error: schema {uri} not found", "contexts")
    assert error["lookupHistory"][0]["errors"] == [{"error": "NotFound"}]
    assert (refused["failureType"], refused["schema"], refused["data"]) == (
        "ValidationError", f"iglu:{SP}/web_page/jsonschema/1-0-0", {"id": "x"},
    )  # fmt: skip
    assert (refused["errors"][0]["source"], refused["errors"][0]["path"]) == ("contexts", "$.id")
    assert not_iglu == failure("NotIglu", [{"message": "Invalid schema version", "source": "contexts"}], None, no_uri)
    assert event_refused["errors"][0]["source"] == "unstruct"


@pytest.mark.contract("D.7/wrappers")
def test_wrappers_that_are_invalid() -> None:
    wrong = f"{SP}/web_page/jsonschema/1-0-0"
    _, failures = incomplete(get(co="{", ue_pr=json.dumps(sdj(wrong, LINK_CLICK))))
    assert failures == [
        failure(
            "NotJSON",
            [{"message": "invalid json: Input data was truncated", "source": "contexts"}],
            None,
            {"contexts": "{"},
        ),
        failure(
            "CriterionMismatch",
            [
                {
                    "message": f"Unexpected schema: iglu:{wrong} does not match the criterion",
                    "source": "unstruct",
                    "criterion": f"iglu:{SP}/unstruct_event/jsonschema/1-0-*",
                }
            ],
            f"iglu:{wrong}",
            LINK_CLICK,
        ),
    ]


@pytest.mark.contract("D.7/enrichments")
def test_steps_that_failed() -> None:
    event, failures = incomplete(get(e="ad", url=":"))
    unknown, broken = failures
    assert broken["failureType"] == "EnrichmentError: "
    assert (broken["schema"], broken["data"]) == (None, None)
    assert broken["errors"][0]["message"].startswith("Provided URI could not be parsed")
    expectation = "event - trying to extract the schema of the enriched event"
    errors = [{"message": expectation, "source": "event"}]
    assert unknown == failure("EnrichmentError: ", errors, None, {"event": "ad_impression"})
    assert event["event"] == "ad_impression"


@pytest.mark.contract("D.7/size")
def test_a_line_that_is_too_large_is_told_by_the_failed_event_alone() -> None:
    made = Outputs()
    RecordEnricher(IGLU, 1_000_000, max_incomplete_size=2_000).add(
        encode(get(tid="x", aid="a" * 2_000)), ETL_TSTAMP, made
    )
    assert made.bad
    assert not made.incomplete


@pytest.mark.contract("D.7/requests")
def test_requests_that_fail_as_a_whole_have_no_incomplete_event() -> None:
    made = Outputs()
    for record in (b"nonsense", encode(CollectorPayload(ip_address="i", timestamp=0, collector="c", path="/a/b"))):
        RecordEnricher(IGLU, 1_000_000, max_incomplete_size=1_000_000).add(record, ETL_TSTAMP, made)
    RecordEnricher(IGLU, 1_000_000, max_incomplete_size=1_000_000).add(encode(GET), ETL_TSTAMP, made)
    assert (len(made.good), len(made.bad), len(made.incomplete)) == (1, 2, 0)
