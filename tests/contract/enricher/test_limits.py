"""What a sender's text may be when the configuration says otherwise than Enrich's defaults."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enricher.fields import tsv
from services.enricher.fields.limits import COLUMN_LIMITS, Limits
from services.enricher.processing.record_enricher import Outputs, RecordEnricher
from tests.fixtures.enricher import ETL_TSTAMP, IGLU, cells, contexts, get, sdj
from wire.collector_payload import CollectorPayload, encode
from wire.columns import INDEX


def limited(payload: CollectorPayload, limits: Limits) -> Outputs:
    made = Outputs()
    RecordEnricher(IGLU, 1_000_000, limits=limits, max_incomplete_size=1_000_000).add(encode(payload), ETL_TSTAMP, made)
    return made


@pytest.mark.contract("C.9/overrides")
def test_limits_of_columns_can_be_others() -> None:
    long = "x" * 12_000
    made = limited(get(aid="abcd", page=long), Limits({"app_id": 3, "page_title": 12_000}))
    (event,) = map(json.loads, made.bad)
    (message,) = event["data"]["failure"]["messages"]
    (report,) = message["error"]["dataReports"]
    assert (report["path"], report["message"]) == ("app_id", "Field is longer than maximum allowed size 3")
    (line,) = made.incomplete
    assert (cells(line)["app_id"], cells(line)["page_title"]) == ("", long)
    assert limited(get(aid="abc", page=long), Limits({"page_title": 12_000})).good


@given(
    st.dictionaries(st.sampled_from(sorted(COLUMN_LIMITS)), st.integers(1, 20_000)),
    st.dictionaries(
        st.integers(0, 130), st.sampled_from("x€😀").flatmap(lambda one: st.integers(0, 9_000).map(one.__mul__))
    ),
)
def test_bands_find_what_a_look_at_each_column_finds(columns: dict[str, int], texts: dict[int, str]) -> None:
    filled = tsv.empty_event()
    for position, text in texts.items():
        filled[position] = text
    expected = {
        name: limit
        for name, limit in (COLUMN_LIMITS | columns).items()
        if len(filled[INDEX[name]].encode("utf-16-le")) > 2 * limit
    }
    found = Limits(columns).too_long(filled)
    assert found == expected
    assert list(found) == list(expected)


@pytest.mark.parametrize("limit", [3, 4])
@pytest.mark.parametrize("one", ["x", "€", "😀"])
def test_a_text_alone_is_as_long_as_its_code_units(one: str, limit: int) -> None:
    for count in range(1, 6):
        filled = tsv.empty_event()
        filled[INDEX["app_id"]] = one * count
        too_long = len((one * count).encode("utf-16-le")) > 2 * limit
        assert Limits({"app_id": limit}).too_long(filled) == ({"app_id": limit} if too_long else {})


@pytest.mark.contract("C.9/acceptInvalid")
def test_over_long_columns_are_accepted_and_counted_but_no_other_fault() -> None:
    accepting = Limits(accept_invalid=True)
    made = limited(get(aid="x" * 256), accepting)
    assert ([cells(line)["app_id"] for line in made.good], made.bad, made.invalid) == (["x" * 256], [], 1)
    made = limited(get(aid="x" * 256, tid="x"), accepting)
    assert (made.good, made.invalid) == ([], 0)
    assert b"atomic_field_parse_error" in made.bad[0]
    assert b"atomic_field_length_exceeded" not in made.bad[0]
    assert [cells(line)["app_id"] for line in made.incomplete] == ["x" * 256]


@pytest.mark.contract("C.10 validation/maxJsonDepth")
@pytest.mark.parametrize("depth", [10, 50, 90])
def test_the_depth_that_is_too_deep_is_a_setting(depth: int) -> None:
    def nested(levels: int) -> CollectorPayload:
        # contexts, data, context, data, props: five levels around these
        event = sdj("com.gitlab/custom_event/jsonschema/1-0-0", {"name": "n", "props": {"x": "@"}})
        return get(co=contexts(event).replace('"@"', "[" * (levels - 5) + "1" + "]" * (levels - 5)))

    limits = Limits(max_json_depth=depth)
    assert limited(nested(depth - 1), limits).good
    assert b"maximum allowed JSON depth exceeded" in limited(nested(depth), limits).bad[0]
