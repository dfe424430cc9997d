"""Tracker protocol: each function of a parameter, its values and its error; event codes and platforms."""

from copy import replace
from urllib.parse import urlencode

import pytest

from tests.fixtures.enricher import GET, LINK_CLICK, WEB_PAGE, atomic_reports, base64, contexts, get, good, messages
from wire.tracker_protocol import PARAMETERS, ParameterFunction


@pytest.mark.contract("A.3/functions")
@pytest.mark.parametrize(
    ("key", "value", "column", "cell"),
    [
        # tsvSafe
        ("aid", "a\tb", "app_id", "a    b"),
        ("aid", "a\n\r\x00\x1f\x7fb", "app_id", "ab"),
        ("aid", " a ", "app_id", " a "),
        ("aid", "a\u0085ü\u2028", "app_id", "a\u0085ü\u2028"),
        ("aid", "", "app_id", ""),
        # ip
        ("ip", "198.51.100.1, 203.0.113.9", "user_ipaddress", "198.51.100.1"),
        ("ip", "198.51.100.1|x", "user_ipaddress", "198.51.100.1"),
        ("ip", "198.51.100.1 x", "user_ipaddress", "198.51.100.1"),
        # int
        ("tid", "+5", "txn_id", "5"),
        ("tid", "007", "txn_id", "7"),
        ("tid", "-2147483648", "txn_id", "-2147483648"),
        ("tid", "2147483647", "txn_id", "2147483647"),
        ("tid", "٣٤", "txn_id", "34"),
        ("tid", "0" * 30 + "5", "txn_id", "5"),
        ("tid", "NULL", "txn_id", ""),
        # decimal
        ("tr_tt", "17.0", "tr_total", "17.0"),
        ("tr_tt", "23.", "tr_total", "23"),
        ("tr_tt", ".5", "tr_total", "0.5"),
        ("tr_tt", "+1.50E1", "tr_total", "15.0"),
        ("tr_tt", "1E7", "tr_total", "10000000"),
        ("tr_tt", "1.5E3", "tr_total", "1500"),
        ("tr_tt", "1E400", "tr_total", "1" + "0" * 400),
        ("tr_tt", "0E5", "tr_total", "0"),
        ("tr_tt", "0.0000001", "tr_total", "1E-7"),
        ("tr_tt", "0.000001", "tr_total", "0.000001"),
        ("tr_tt", "0.00000001E1", "tr_total", "1E-7"),
        ("tr_tt", "-0.00", "tr_total", "0.00"),
        ("tr_tt", "1" * 60 + ".25", "tr_total", "1" * 60 + ".25"),
        ("tr_tt", "٣.٤", "tr_total", "3.4"),
        ("tr_tt", "null", "tr_total", ""),
        # ts
        ("ttm", "0", "true_tstamp", "1970-01-01 00:00:00.000"),
        ("ttm", "1700000000123", "true_tstamp", "2023-11-14 22:13:20.123"),
        ("ttm", "253402300799999", "true_tstamp", "9999-12-31 23:59:59.999"),
        ("ttm", "-62167219200000", "true_tstamp", "0000-01-01 00:00:00.000"),
        # uuid
        ("eid", "5B2C1C5E-2B3F-4F0E-9A67-0C1F9D6A7D11", "event_id", "5b2c1c5e-2b3f-4f0e-9a67-0c1f9d6a7d11"),
        # bool
        ("cookie", "1", "br_cookies", "1"),
        ("f_pdf", "0", "br_features_pdf", "0"),
        # dims
        ("res", "1024x0768", "dvce_screenwidth", "1024"),
        ("res", "1024x0768", "dvce_screenheight", "768"),
        # more than one key for a column
        ("ti_na", "name", "ti_name", "name"),
        ("ev_ca", "category", "se_category", "category"),
        ("cv", "mine", "v_collector", "mine"),
    ],
)
def test_a_value_fills_its_cell(key: str, value: str, column: str, cell: str) -> None:
    (event,) = good(get(**{key: value}))
    assert event[column] == cell


INTEGER = "Cannot be converted to java.lang.Integer"
DECIMAL = "Cannot be converted to java.math.BigDecimal. Error : "


@pytest.mark.contract("A.3/errors")
@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("p", "WEB", "Not a valid platform"),
        ("p", "", "Not a valid platform"),
        *(
            ("tid", value, INTEGER)
            for value in ("", " 1", "1.0", "0x1", "1e2", "2147483648", "-2147483649", "9" * 5000)
        ),
        *(
            ("tr_tt", value, DECIMAL + "not a decimal number")
            for value in ("", " 1", "1_0", "0x1", "NaN", "Infinity", ".", "1e", "e1", "1.2.3")
        ),
        ("tr_tt", "1E401", DECIMAL + "exponent out of range"),
        ("tr_tt", "1E1000000000", DECIMAL + "exponent out of range"),
        ("tr_tt", "1E-" + "9" * 30, DECIMAL + "exponent out of range"),
        *(
            ("dtm", value, "Not in the expected format: ms since epoch")
            for value in ("", "now", "1.5", "9" * 20, "null")
        ),
        ("dtm", "253402300800000", "Formatting as a year outside 0..9999 is not Redshift-compatible"),
        ("dtm", "-62167219200001", "Formatting as a year outside 0..9999 is not Redshift-compatible"),
        *(
            ("eid", value, "Not a valid UUID")
            for value in ("", "1-2-3-4-5", "5b2c1c5e2b3f4f0e9a670c1f9d6a7d11", "x" * 36)
        ),
        *(("cookie", value, "Cannot be converted to Boolean-like java.lang.Byte") for value in ("", "true", "2", "01")),
        *(("res", value, r"Does not conform to regex (\d+)x(\d+)") for value in ("", "1x", "x", "1X2", "1x2x3", "٣x٤")),
        ("res", "2147483648x1", "Could not be converted to java.lang.Integer s"),
    ],
)
def test_a_value_that_does_not_fit_is_reported_under_its_key_and_never_quoted(
    key: str, value: str, message: str
) -> None:
    assert atomic_reports(get(**{key: value})) == [
        {"message": message, "path": key, "keyword": "atomic_field_parse_error", "targets": []}
    ]


@pytest.mark.contract("A.3/together")
def test_all_faults_of_an_event_are_in_one_message() -> None:
    reports = atomic_reports(get(tid="x", res="x", eid="x"))
    assert [report["path"] for report in reports] == ["tid", "res", "eid"]


@pytest.mark.contract("A.4/codes")
@pytest.mark.parametrize(
    ("code", "event", "vendor", "name"),
    [
        ("pv", "page_view", "com.snowplowanalytics.snowplow", "page_view"),
        ("pp", "page_ping", "com.snowplowanalytics.snowplow", "page_ping"),
        ("se", "struct", "com.google.analytics", "event"),
        ("ev", "struct", "com.google.analytics", "event"),
        ("tr", "transaction", "com.snowplowanalytics.snowplow", "transaction"),
        ("ti", "transaction_item", "com.snowplowanalytics.snowplow", "transaction_item"),
    ],
)
def test_an_event_code_names_the_event_and_its_schema(code: str, event: str, vendor: str, name: str) -> None:
    (made,) = good(get(e=code))
    assert made["event"] == event
    schema = [made[f"event_{part}"] for part in ("vendor", "name", "format", "version")]
    assert schema == [vendor, name, "jsonschema", "1-0-0"]


@pytest.mark.contract("A.3/unstruct without json")
def test_an_unstruct_event_without_its_json_is_accepted_and_its_schema_is_blank() -> None:
    (made,) = good(get(e="ue"))
    assert made["event"] == "unstruct"
    assert not any(made[f"event_{part}"] for part in ("vendor", "name", "format", "version"))


@pytest.mark.contract("A.4/unmapped")
@pytest.mark.parametrize(("querystring", "value"), [("p=web", None), ("e=ad&p=web", "ad_impression")])
def test_an_event_of_no_known_schema_is_an_enrichment_failure(querystring: str, value: str | None) -> None:
    found = messages(replace(get(), querystring=querystring), "enrichment_failures/2-0-1")
    assert found[0]["enrichment"] is None
    assert found[0]["message"]["field"] == "event"
    assert found[0]["message"]["value"] == value


@pytest.mark.contract("A.4/unknown")
@pytest.mark.parametrize("code", ["", "PV", "xx"])
def test_an_unknown_event_code_is_reported_as_a_fault_of_input_alone(code: str) -> None:
    assert [report["message"] for report in atomic_reports(get(e=code))] == ["Not a valid event type"]


@pytest.mark.contract("A.5/platforms")
@pytest.mark.parametrize("code", ["web", "iot", "app", "mob", "pc", "cnsl", "tv", "srv", "headset"])
def test_every_platform_is_accepted(code: str) -> None:
    assert good(get(p=code))[0]["platform"] == code


@pytest.mark.contract("A.2/null")
def test_a_parameter_without_equals_sign_is_skipped() -> None:
    (event,) = good(replace(get(), querystring="e=pv&eid&tid&p"))
    assert (event["platform"], event["txn_id"]) == ("", "")
    assert len(event["event_id"]) == 36


@pytest.mark.contract("A.2/tnuid")
@pytest.mark.parametrize("order", [{"nuid": "a", "tnuid": "b"}, {"tnuid": "b", "nuid": "a"}])
def test_tnuid_beats_nuid_in_any_order(order: dict[str, str]) -> None:
    assert good(get(**order))[0]["network_userid"] == "b"


@pytest.mark.contract("J/5")
def test_an_empty_nuid_clears_the_network_userid() -> None:
    assert good(get(nuid=""))[0]["network_userid"] == ""


def test_every_mapped_parameter_reaches_its_columns() -> None:
    values = {
        ParameterFunction.TSV_SAFE: ("text", ("text",)),
        ParameterFunction.IP: ("198.51.100.1", ("198.51.100.1",)),
        ParameterFunction.INTEGER: ("7", ("7",)),
        ParameterFunction.DECIMAL: ("1.50", ("1.50",)),
        ParameterFunction.TIMESTAMP: ("0", ("1970-01-01 00:00:00.000",)),
        ParameterFunction.UUID: ("5b2c1c5e-2b3f-4f0e-9a67-0c1f9d6a7d11", ("5b2c1c5e-2b3f-4f0e-9a67-0c1f9d6a7d11",)),
        ParameterFunction.BOOLEAN: ("1", ("1",)),
        ParameterFunction.DIMENSIONS: ("3x4", ("3", "4")),
    }
    for key, parameter in PARAMETERS.items():
        if parameter.function in values:
            value, expected = values[parameter.function]
            value, expected = ("EUR", ("EUR",)) if key in ("tr_cu", "ti_cu") else (value, expected)
            (event,) = good(get(**{key: value}))
            assert tuple(event[column] for column in parameter.columns) == expected, key


PAIRS = [
    ("se_ca", "ev_ca", "se_category"), ("se_ac", "ev_ac", "se_action"), ("ev_la", "se_la", "se_label"),
    ("ev_pr", "se_pr", "se_property"), ("ev_va", "se_va", "se_value"), ("ti_nm", "ti_na", "ti_name"),
]  # fmt: skip


@pytest.mark.contract("A.2/same column")
@pytest.mark.parametrize(("winner", "loser", "column"), PAIRS)
def test_of_two_parameters_for_a_column_the_last_of_few_wins_and_always_the_same_of_many(
    winner: str, loser: str, column: str
) -> None:
    for first, second in ((winner, loser), (loser, winner)):
        few = f"e=pv&p=web&{first}=1&{second}=2"
        assert good(replace(GET, querystring=few))[0][column] == "2"
        assert good(replace(GET, querystring=f"{few}&tv=t"))[0][column] == ("1" if first == winner else "2")


@pytest.mark.contract("A.2/same column")
def test_contexts_in_both_forms() -> None:
    first, second = contexts(WEB_PAGE), base64(contexts(LINK_CLICK))
    few = urlencode({"e": "pv", "cx": second, "co": first})
    assert "web_page" in good(replace(GET, querystring=few))[0]["contexts"]
    assert "link_click" in good(replace(GET, querystring=f"{few}&p=web&tv=t"))[0]["contexts"]
