"""The line: 131 cells that Snowplow's own reader reads back, limits, sizes, and the failed event's view of it."""

import json
from copy import replace

import pytest
from snowplow_analytics_sdk.event_transformer import transform

from services.enricher.fields import tsv
from services.enricher.fields.limits import SNOWPLOW_DEFAULTS
from tests.fixtures.enricher import (
    GET,
    LINK_CLICK,
    SP,
    USER,
    WEB_PAGE,
    Json,
    bad,
    contexts,
    get,
    good,
    messages,
    outputs,
    unstruct,
)
from wire.collector_payload import CollectorPayload
from wire.columns import COLUMNS


def read_by_snowplow(line: bytes) -> Json:
    # The reader of 2017 has no home for 2026's columns but knows all 131.
    event: Json = transform(line.decode(), add_geolocation_data=False)
    return event


@pytest.mark.contract("C.9/line")
def test_snowplows_own_reader_reads_the_line() -> None:
    payload = get(
        e="ue", aid="app", eid=USER, tid="7", tr_tt="17.50", res="3x4", cookie="1", dtm="1000", uid="ü\u2028",
        co=contexts(WEB_PAGE), ue_pr=unstruct(LINK_CLICK), url="https://e.org/a?b=1",
    )  # fmt: skip
    (line,) = outputs(payload).good
    event = read_by_snowplow(line)
    assert event["app_id"] == "app"
    assert event["event_id"] == USER
    assert event["txn_id"] == 7
    assert event["tr_total"] == 17.5
    assert (event["dvce_screenwidth"], event["dvce_screenheight"]) == (3, 4)
    assert event["br_cookies"] is True
    assert event["dvce_created_tstamp"] == "1970-01-01T00:00:01.000Z"
    assert event["user_id"] == "ü\u2028"
    assert event["page_urlquery"] == "b=1"
    assert event["contexts_com_snowplowanalytics_snowplow_web_page_1"] == [{"id": USER}]
    assert event["unstruct_event_com_snowplowanalytics_snowplow_link_click_1"] == LINK_CLICK["data"]


@pytest.mark.contract("C.9/line")
@pytest.mark.parametrize(("collector", "cell"), [("a\tb", "a    b"), ("a\nb", "ab"), ("a\rb", "ab")])
def test_what_a_collector_wrote_cannot_break_the_line(collector: str, cell: str) -> None:
    (event,) = good(replace(GET, collector=collector))
    assert event["v_collector"] == cell


@pytest.mark.parametrize(("key", "column"), [("aid", "app_id"), ("page", "page_title"), ("tr_cu", "tr_currency")])
def test_a_cell_at_its_limit_passes_and_one_beyond_fails_the_event(key: str, column: str) -> None:
    limit = next(c.max_length for c in COLUMNS if c.name == column)
    assert limit is not None
    assert good(get(**{key: "x" * limit}))[0][column] == "x" * limit
    (message,) = messages(get(**{key: "x" * (limit + 1)}), "schema_violations/2-0-1")
    assert message["schemaKey"] == f"iglu:{SP}/atomic/jsonschema/1-0-0"
    assert message["error"]["dataReports"] == [
        {
            "message": f"Field is longer than maximum allowed size {limit}",
            "path": column,
            "keyword": "atomic_field_length_exceeded",
            "targets": [],
        }
    ]


@pytest.mark.contract("C.9/limits")
def test_a_limit_counts_utf16_units() -> None:
    assert good(get(tr_cu="€€€"))[0]["tr_currency"] == "€€€"
    messages(get(tr_cu="😀😀"), "schema_violations/2-0-1")


@pytest.mark.contract("C.9/limits")
def test_every_limit_is_checked() -> None:
    for position, column in enumerate(COLUMNS):
        cells = tsv.empty_event()
        cells[position] = "x" * ((column.max_length or 20_000) + 1)
        assert SNOWPLOW_DEFAULTS.too_long(cells) == ({column.name: column.max_length} if column.max_length else {})


@pytest.mark.contract("C.1/precedence")
def test_faults_of_input_hide_enrichment_failures_and_those_hide_lengths() -> None:
    long = "x" * 300
    assert messages(get(tid="x", url=":", aid=long), "schema_violations/2-0-1")[0]["error"]["dataReports"] == [
        {"message": "Cannot be converted to java.lang.Integer", "path": "tid",
         "keyword": "atomic_field_parse_error", "targets": []},
    ]  # fmt: skip
    messages(get(url=":", aid=long), "enrichment_failures/2-0-1")
    messages(get(aid=long), "schema_violations/2-0-1")


@pytest.mark.contract("D.5/enrichment payload")
def test_the_payload_of_a_failed_event_is_the_event_and_the_request() -> None:
    payload = replace(
        get(tid="x", vid="7", tr_tt="1E-7", cookie="1", page="", co=contexts(WEB_PAGE)), headers=("Host: c",)
    )
    (event,) = bad(payload)
    assert event["data"]["processor"] == {"artifact": "snowveil-enrich", "version": "0.1.0"}
    enriched, raw = event["data"]["payload"]["enriched"], event["data"]["payload"]["raw"]
    assert list(enriched) == [column.name for column in COLUMNS]
    assert (enriched["domain_sessionidx"], enriched["tr_total"], enriched["br_cookies"]) == (7, 1e-7, 1)
    assert (enriched["txn_id"], enriched["page_title"]) == (None, None)
    assert json.loads(enriched["contexts"])["data"] == [WEB_PAGE]
    assert enriched["derived_tstamp"] == "2023-11-14 22:13:20.123"
    assert enriched["event_name"] == "page_view"
    parameters = {parameter["name"]: parameter["value"] for parameter in raw.pop("parameters")}
    assert parameters["tid"] == "x"
    assert raw == {
        "vendor": SP,
        "version": "tp2",
        "contentType": None,
        "loaderName": "snowveil-collector-0.1.0",
        "encoding": "UTF-8",
        "hostname": None,
        "timestamp": "2023-11-14T22:13:20.123Z",
        "ipAddress": "203.0.113.7",
        "useragent": "Mozilla/5.0",
        "refererUri": None,
        "headers": ["Host: c"],
        "userId": USER,
    }


@pytest.mark.contract("D.6/good")
def test_a_line_that_is_too_large() -> None:
    made = outputs(get(ua="€" * 1_000), max_size=2_000)
    (event,) = [json.loads(each) for each in made.bad]
    assert not made.good
    assert event["schema"] == f"iglu:{SP}.badrows/size_violation/jsonschema/1-0-0"
    failure = event["data"]["failure"]
    assert failure["maximumAllowedSizeBytes"] == 2_000
    assert failure["expectation"] == "Enriched event exceeds the maximum allowed size of 2000 bytes"
    assert 1_000 < failure["actualSizeBytes"] < 2_000  # characters, as Enrich counts here
    assert len(event["data"]["payload"]) == 200
    assert event["data"]["payload"].startswith("\tweb\t")


@pytest.mark.contract("D.6/bad")
@pytest.mark.parametrize("payload", [get(tid="x" * 3_000), replace(GET, path="/" + "x" * 3_000)])
def test_a_failed_event_that_is_too_large(payload: CollectorPayload) -> None:
    made = outputs(payload, max_size=2_000)
    (event,) = [json.loads(each) for each in made.bad]
    expectation = "Event failed enrichment and resulting bad row exceeds the maximum allowed size of 2000 bytes"
    assert event["data"]["failure"]["expectation"] == expectation
    assert len(event["data"]["payload"]) == 200
    assert len(made.bad[0]) < 2_000
