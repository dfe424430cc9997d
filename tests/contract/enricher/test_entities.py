"""Contexts and unstruct events: validation, what is written, and each kind of failure."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable

import pytest

from tests.fixtures.enricher import (
    LINK_CLICK,
    SP,
    USER,
    WEB_PAGE,
    bad,
    base64,
    contexts,
    get,
    good,
    messages,
    post,
    post_body,
    sdj,
    unstruct,
)

KIND = "schema_violations/2-0-1"
TIMING = f"{SP}/timing/jsonschema/1-0-0"


@pytest.mark.contract("A.2/co", "A.2/cx", "A.6/contexts", "C.9/json")
def test_contexts_are_written_compactly_under_the_latest_wrapper() -> None:
    for parameters in ({"co": contexts(WEB_PAGE)}, {"cx": base64(contexts(WEB_PAGE))}):
        (event,) = good(get(**parameters))
        assert event["contexts"] == (
            f'{{"schema":"iglu:{SP}/contexts/jsonschema/1-0-1","data":'
            f'[{{"schema":"iglu:{SP}/web_page/jsonschema/1-0-0","data":{{"id":"{USER}"}}}}]}}'
        )


@pytest.mark.contract("A.2/ue_pr", "A.2/ue_px", "A.6/unstruct")
def test_an_unstruct_event_is_written_and_names_the_event() -> None:
    for parameters in ({"ue_pr": unstruct(LINK_CLICK)}, {"ue_px": base64(unstruct(LINK_CLICK))}):
        (event,) = good(get(e="ue", **parameters))
        assert json.loads(event["unstruct_event"]) == sdj(f"{SP}/unstruct_event/jsonschema/1-0-0", LINK_CLICK)
        schema = [event[f"event_{part}"] for part in ("vendor", "name", "format", "version")]
        assert schema == [SP, "link_click", "jsonschema", "1-0-1"]


@pytest.mark.contract("A.2/cx")
def test_the_base64_form_wins() -> None:
    (event,) = good(get(co="nonsense", cx=base64(contexts(WEB_PAGE))))
    assert USER in event["contexts"]


@pytest.mark.contract("A.3/functions")
@pytest.mark.parametrize(
    "change", [lambda t: t + "==", lambda t: t.replace("-", "+").replace("_", "/"), lambda t: "\n " + t]
)
def test_base64_is_read_leniently(change: Callable[[str], str]) -> None:
    page = sdj(f"{SP}/link_click/jsonschema/1-0-1", {"targetUrl": "https://e.org/üÿ~>?"})
    (event,) = good(get(cx=change(base64(contexts(page)))))
    assert "https://e.org/üÿ~>?" in event["contexts"]


@pytest.mark.contract("C.9/json")
def test_no_contexts_is_an_empty_cell() -> None:
    empty = json.dumps(sdj(f"{SP}/contexts/jsonschema/1-0-1", []))
    assert good(get(co=empty))[0]["contexts"] == ""
    (message,) = messages(get(co=empty.replace("1-0-1", "1-0-0")), KIND)
    assert message["error"]["dataReports"][0]["keyword"] == "minItems"


@pytest.mark.contract("C.9/json")
@pytest.mark.parametrize("number", ["1.0", "1e2", "0.1", "-0.0", "1E-7", "1180591620717411303424", "1e400"])
def test_a_number_keeps_its_text(number: str) -> None:
    page = f'{{"schema":"iglu:{TIMING}","data":{{"category":"c","variable":"v","timing":{number}}}}}'
    (event,) = good(post({"co": contexts().replace("[]", f"[{page}]"), "ue_pr": unstruct(0).replace("0}", page + "}")}))
    assert f'"timing":{number}}}' in event["contexts"]
    assert f'"timing":{number}}}' in event["unstruct_event"]


@pytest.mark.contract("C.9/json")
def test_text_is_written_as_it_is_and_never_breaks_the_line() -> None:
    page = sdj(f"{SP}/link_click/jsonschema/1-0-1", {"targetUrl": '/ü€😀\t\n\u0000"\\'})
    (event,) = good(post({"co": contexts(page)}))
    assert '"targetUrl":"/ü€😀\\t\\n\\u0000\\"\\\\"' in event["contexts"]


def test_of_duplicate_keys_the_last_wins() -> None:
    text = contexts(WEB_PAGE).replace('"id": ', '"id": "x", "id": ')
    assert json.loads(good(get(co=text))[0]["contexts"])["data"] == [WEB_PAGE]


@pytest.mark.contract("C.5/written")
@pytest.mark.parametrize("number", ["1", "1.50"])  # a fraction takes the general way
def test_an_entity_is_written_with_its_schema_first(number: str) -> None:
    data = f'{{"environment":"test","source":"x","extra":{{"a":{number}}}}}'
    turned = f'{{"data":{data},"schema":"iglu:com.gitlab/gitlab_standard/jsonschema/1-1-8"}}'
    written = f'{{"schema":"iglu:com.gitlab/gitlab_standard/jsonschema/1-1-8","data":{data}}}'
    wrappers = {name: f"iglu:{SP}/{name}/jsonschema/1-0-0" for name in ("contexts", "unstruct_event")}
    (event,) = good(
        get(
            e="ue",
            co=f'{{"data":[{turned}],"schema":"{wrappers["contexts"]}"}}',
            ue_pr=f'{{"data":{turned},"schema":"{wrappers["unstruct_event"]}"}}',
        )
    )
    assert event["contexts"] == f'{{"schema":"iglu:{SP}/contexts/jsonschema/1-0-1","data":[{written}]}}'
    assert event["unstruct_event"] == f'{{"schema":"{wrappers["unstruct_event"]}","data":{written}}}'


@pytest.mark.contract("C.5/order")
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "invalid json: Input data was truncated"),
        ("{", "invalid json: Input data was truncated"),
        ("NaN", "invalid json: JSON is malformed: invalid character (byte 0)"),
        ("[" + "9" * 5000 + "]", "invalid json: Integer value out of range"),
        ("[" * 51 + "]" * 51, "invalid json: maximum allowed JSON depth exceeded"),
        ("[" * 100_000, "invalid json: maximum allowed JSON depth exceeded"),
    ],
)
@pytest.mark.parametrize(("key", "name"), [("co", "contexts"), ("ue_pr", "unstruct")])
def test_what_is_no_json(key: str, name: str, text: str, error: str) -> None:
    (message,) = messages(post({key: text}), KIND)
    assert message["field"] == name
    assert message["value"] == text
    assert message["error"] == error


@pytest.mark.contract("C.5/no Unicode")
@pytest.mark.parametrize(
    ("escaped", "read"),
    [
        ("a\\ud83d", "a?"),
        ("\\ud83db", "?b"),
        ("\\ude00\\ud83d", "??"),
        ("\\uD83D\\uDE00", "😀"),
        ("\\ud83d\\ud83d\\ude00", "?😀"),
        ("\\\\ud83d\\ud83d", "\\ud83d?"),
    ],
)
def test_a_surrogate_alone_is_a_question_mark(escaped: str, read: str) -> None:
    click = json.dumps(sdj(f"{SP}/link_click/jsonschema/1-0-1", {"targetUrl": "@"})).replace("@", escaped)
    text = contexts().replace("[]", f"[{click}]")
    for parameters in ({"co": text}, {"cx": base64(text)}):
        (event,) = good(get(**parameters))
        assert json.loads(event["contexts"])["data"][0]["data"]["targetUrl"] == read
    body = json.dumps(sdj(f"{SP}/payload_data/jsonschema/1-0-4", [{"e": "pv", "p": "web", "tv": "t", "page": "@"}]))
    assert good(post_body(body.replace("@", escaped)))[0]["page_title"] == read


@pytest.mark.contract("C.5/no Unicode")
def test_bytes_that_are_no_utf8_are_marked_as_java_marks_them() -> None:
    click = json.dumps(sdj(f"{SP}/link_click/jsonschema/1-0-1", {"targetUrl": "@"}))
    text = contexts().replace("[]", f"[{click}]").encode().replace(b"@", b"a\xff")
    (event,) = good(get(cx=urlsafe_b64encode(text).decode()))
    assert json.loads(event["contexts"])["data"][0]["data"]["targetUrl"] == "a\ufffd"
    assert messages(get(cx="Iv8i"), KIND) == [{"json": "\ufffd", "error": "INVALID_DATA_PAYLOAD"}]


@pytest.mark.contract("C.10 validation/depth")
def test_fifty_levels_are_too_deep_and_forty_nine_are_not() -> None:
    def nested(levels: int) -> str:
        # contexts, data, context, data, props: five levels around these
        event = sdj("com.gitlab/custom_event/jsonschema/1-0-0", {"name": "n", "props": {"x": "@"}})
        return contexts(event).replace('"@"', "[" * (levels - 5) + "1" + "]" * (levels - 5))

    assert len(good(post({"co": nested(49)}))) == 1
    (message,) = messages(post({"co": nested(50)}), KIND)
    assert message["error"] == "invalid json: maximum allowed JSON depth exceeded"


@pytest.mark.contract("C.10 validation/depth")
def test_brackets_in_strings_are_no_depth() -> None:
    page = sdj(f"{SP}/link_click/jsonschema/1-0-1", {"targetUrl": '[{"\\' * 100})
    assert len(good(post({"co": contexts(page)}))) == 1


@pytest.mark.contract("C.5/order")
@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([], "INVALID_DATA_PAYLOAD"),
        ({"schema": f"iglu:{SP}/contexts/jsonschema/1-0-0"}, "INVALID_DATA_PAYLOAD"),
        ({"schema": "contexts", "data": []}, "INVALID_IGLUURI"),
    ],
)
def test_a_wrapper_that_is_not_self_describing(value: object, code: str) -> None:
    assert messages(get(co=json.dumps(value)), KIND) == [{"json": value, "error": code}]


@pytest.mark.contract("C.5/order")
@pytest.mark.parametrize(("key", "wrapper"), [("co", "contexts"), ("ue_pr", "unstruct_event")])
def test_another_wrapper_is_compared_before_it_is_looked_up(key: str, wrapper: str) -> None:
    for schema in ("com.acme/x/jsonschema/1-0-0", f"{SP}/{wrapper}/jsonschema/1-1-0"):
        assert messages(get(**{key: json.dumps(sdj(schema, []))}), KIND) == [
            {"schemaKey": f"iglu:{schema}", "schemaCriterion": f"iglu:{SP}/{wrapper}/jsonschema/1-0-*"}
        ]


@pytest.mark.contract("C.5/order")
def test_an_unknown_version_of_a_wrapper_is_not_found() -> None:
    (message,) = messages(get(co=json.dumps(sdj(f"{SP}/contexts/jsonschema/1-0-9", []))), KIND)
    assert message["error"]["error"] == "ResolutionError"


@pytest.mark.contract("C.5/each entity")
def test_each_entity_fails_alone_and_its_valid_siblings_stay_in_the_failed_event() -> None:
    unknown = sdj("com.acme/x/jsonschema/1-0-0", {})
    invalid = sdj(f"{SP}/web_page/jsonschema/1-0-0", {"id": "secret"})
    not_iglu = {"schema": "iglu:com.acme/x/jsonschema/0-0-0", "data": {}}
    (event,) = bad(get(e="ue", co=contexts(unknown, WEB_PAGE, invalid, not_iglu), ue_pr=unstruct(invalid)))
    found = event["data"]["failure"]["messages"]
    assert [message.get("error", {}) if "json" in message else message["error"]["error"] for message in found] == [
        "ResolutionError", "ValidationError", "INVALID_SCHEMAVER", "ValidationError",
    ]  # fmt: skip
    enriched = event["data"]["payload"]["enriched"]
    assert json.loads(enriched["contexts"])["data"] == [WEB_PAGE]
    assert enriched["unstruct_event"] is None
    assert enriched["event_name"] is None
    assert enriched["event"] == "unstruct"


@pytest.mark.contract("D.4/invalid", "C.10 validation/draft-04")
def test_a_data_report_names_the_rule_and_never_a_value() -> None:
    data = {
        "environment": "secret" * 9,
        "extra": {"secret": 1},
        "project_id": "secret",
        "secret": "secret",
        "feature_enabled_by_namespace_ids": [1, "secret"],
    }
    entity = sdj("com.gitlab/gitlab_standard/jsonschema/1-1-7", data)
    (message,) = messages(get(co=contexts(entity)), KIND)
    assert "secret" not in json.dumps(message)
    reports = {report["path"]: report for report in message["error"]["dataReports"]}
    assert set(reports) == {"$", "$.environment", "$.project_id", "$.feature_enabled_by_namespace_ids[1]"}
    assert reports["$.environment"] == {
        "message": "$.environment: does not fulfil maxLength of the schema (#/properties/environment/maxLength)",
        "path": "$.environment",
        "keyword": "maxLength",
        "targets": [],
    }


@pytest.mark.contract("C.10 validation/draft-04")
def test_formats_are_checked() -> None:
    session = {"userId": USER, "sessionId": "x", "sessionIndex": 1, "storageMechanism": "SQLITE"}
    entity = sdj(f"{SP}/client_session/jsonschema/1-0-2", {**session, "firstEventTimestamp": "yesterday"})
    (message,) = messages(get(co=contexts(entity)), KIND)
    assert {(report["path"], report["keyword"]) for report in message["error"]["dataReports"]} == {
        ("$.sessionId", "format"),
        ("$.firstEventTimestamp", "format"),
    }
