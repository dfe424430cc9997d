import json

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snowplow_analytics_sdk.event_transformer import transform as read_with_sdk

from lambda_src.pseudonymizer.formats import enriched_event, failed_event, provenance
from scripts.rehearsal.canaries import Canaries
from tests.unit.pseudonymizer.samples import (
    CONTEXTS,
    PAGE_VIEW,
    ROOT,
    STANDARD,
    CanaryEvents,
    cells_of,
    dump,
    make_plan,
    record,
    wrap,
)  # fmt: skip

PLAN = make_plan()
FACTS = {"policy_version": "0123456789ab", "key_id": "20260102T030405Z-01ab23cd"}
ENTITY = wrap(provenance.SCHEMA, FACTS)
STAMP = provenance.of_enriched_event(FACTS["policy_version"], FACTS["key_id"])
STAMP_FAILED = provenance.of_failed_event(FACTS["policy_version"], FACTS["key_id"])


def delivered(derived: str) -> list[object]:
    line = enriched_event.make(PLAN, STAMP).line(record(**PAGE_VIEW, derived_contexts=derived))
    wrapper = json.loads(cells_of(line)["derived_contexts"])
    assert wrapper["schema"] == CONTEXTS
    return list(wrapper["data"])


def test_the_facts_fulfil_our_own_schema() -> None:
    schema = json.loads((ROOT / "schemas" / provenance.SCHEMA.removeprefix("iglu:")).read_text())
    del schema["$schema"]  # Iglu's, which adds nothing but `self`
    assert jsonschema_rs.is_valid(schema, FACTS)
    assert not jsonschema_rs.is_valid(schema, {**FACTS, "key_id": "alice smith"})


@pytest.mark.parametrize(
    ("derived", "others"),
    [
        ("", 0),
        (dump(wrap(CONTEXTS, [])), 0),
        (dump(wrap(CONTEXTS, [wrap(STANDARD, {"plan": "premium"})])), 1),
        (dump({"data": [wrap(STANDARD, {})], "schema": CONTEXTS}), 1),
    ],
    ids=["none", "empty", "one", "data first"],
)
def test_a_good_event_says_it_last_in_its_derived_contexts(derived: str, others: int) -> None:
    contexts = delivered(derived)
    assert contexts[-1] == ENTITY
    assert len(contexts) == others + 1


def test_a_sender_who_claims_the_same_is_pseudonymized() -> None:
    claim, said = delivered(dump(wrap(CONTEXTS, [ENTITY])))
    assert said == ENTITY
    assert claim != ENTITY


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_analytics_sdk_reads_it_from_any_event(data: st.DataObject) -> None:
    events = CanaryEvents(Canaries())
    event = {**events.event(data.draw), **PAGE_VIEW}
    line = enriched_event.make(PLAN, STAMP).line(record(**event))
    assert read_with_sdk(line)["contexts_io_snowveil_pseudonymization_1"] == [FACTS]


def test_a_failed_event_says_it_beside_its_data() -> None:
    schema = "iglu:com.snowplowanalytics.snowplow.badrows/size_violation/jsonschema/1-0-0"
    for original in (wrap(schema, {"payload": "x"}), {"line": "x", "errors": []}):
        shown = failed_event.make(PLAN).line(dump(original).encode())
        stamped = failed_event.make(PLAN, STAMP_FAILED).line(dump(original).encode())
        assert json.loads(stamped) == {**json.loads(shown), provenance.KEY_IN_FAILED_EVENT: ENTITY}
