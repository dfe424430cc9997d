"""r/tp2: the click redirect."""

import json
from copy import replace
from urllib.parse import urlencode

import pytest

from tests.fixtures.enricher import (
    GET,
    LINK_CLICK,
    SP,
    WEB_PAGE,
    Json,
    base64,
    contexts,
    good,
    messages,
    sdj,
    unstruct,
)
from wire.collector_payload import CollectorPayload

TRACKER = "tracker_protocol_violations/1-0-1"
VISIT = sdj(f"{SP}/uri_redirect/jsonschema/1-0-0", {"uri": "https://e.org/?a=1"})


def redirect(**parameters: str) -> CollectorPayload:
    return replace(GET, path="/r/tp2", querystring=urlencode(parameters))


def entities(event: dict[str, str]) -> list[Json]:
    found: list[Json] = json.loads(event["contexts"])["data"]
    return found


@pytest.mark.contract("C.3/redirect event")
def test_a_url_alone_is_an_event() -> None:
    (event,) = good(redirect(u="https://e.org/?a=1", aid="a"))
    assert json.loads(event["unstruct_event"])["data"] == VISIT
    assert (event["event"], event["event_name"], event["platform"], event["v_tracker"], event["app_id"]) == (
        "unstruct", "uri_redirect", "web", "r-tp2", "a",
    )  # fmt: skip


@pytest.mark.contract("C.3/redirect contexts")
def test_a_url_beside_an_event_is_its_first_context() -> None:
    url = {"u": "https://e.org/?a=1", "e": "pv", "p": "mob", "tv": "mine"}
    for more, expected in (
        ({}, [VISIT]),
        ({"co": ""}, [VISIT]),
        ({"co": contexts(WEB_PAGE)}, [VISIT, WEB_PAGE]),
        ({"cx": base64(contexts(WEB_PAGE))}, [VISIT, WEB_PAGE]),
        ({"cx": base64(contexts(WEB_PAGE)), "co": contexts(LINK_CLICK)}, [VISIT, WEB_PAGE]),
    ):
        (event,) = good(redirect(**url, **more))
        assert entities(event) == expected
        assert (event["event"], event["platform"], event["v_tracker"]) == ("page_view", "mob", "r-tp2")


@pytest.mark.contract("C.3/redirect contexts")
def test_an_event_of_its_own_keeps_its_json() -> None:
    (event,) = good(redirect(u="https://e.org/?a=1", e="ue", ue_pr=unstruct(LINK_CLICK)))
    assert json.loads(event["unstruct_event"])["data"] == LINK_CLICK
    assert entities(event) == [VISIT]


@pytest.mark.contract("C.3/redirect without u")
@pytest.mark.parametrize(
    ("querystring", "value", "expectation"),
    [
        ("", None, "empty querystring: not a valid URI redirect"),
        ("e=pv&u&aid=a%20b", "e=pv&u=null&aid=a b", "missing `u` parameter: not a valid URI redirect"),
    ],
)
def test_a_redirect_without_a_url_fails_with_the_querystring(
    querystring: str, value: str | None, expectation: str
) -> None:
    found = messages(replace(GET, path="/r/tp2", querystring=querystring), TRACKER)
    assert found == [{"field": "querystring", "value": value, "expectation": expectation}]


@pytest.mark.contract("C.3/redirect no json")
@pytest.mark.parametrize("key", ["co", "cx"])
def test_contexts_that_are_no_json(key: str) -> None:
    text = "{" if key == "co" else base64("{")
    (message,) = messages(redirect(u="https://e.org", e="pv", **{key: text}), TRACKER)
    assert message == {"field": "co|cx", "value": "{", "error": "invalid json: Input data was truncated"}


@pytest.mark.contract("C.3/redirect no json")
def test_empty_base64_is_no_json() -> None:
    (message,) = messages(redirect(u="https://e.org", e="pv", cx=""), TRACKER)
    assert message["field"] == "co|cx"


@pytest.mark.contract("C.3/redirect without value")
@pytest.mark.parametrize("key", ["co", "cx"])
def test_contexts_without_a_value_refuse_the_request(key: str) -> None:
    (message,) = messages(replace(GET, path="/r/tp2", querystring=f"u=https://e.org&e=pv&{key}"), TRACKER)
    assert (message["field"], message["value"]) == (key, None)


@pytest.mark.contract("C.3/redirect without value")
def test_an_event_or_platform_without_a_value_fails_the_event() -> None:
    assert messages(replace(GET, path="/r/tp2", querystring="u=https://e.org&e"), "enrichment_failures/2-0-1")
    assert messages(replace(GET, path="/r/tp2", querystring="u=https://e.org&p="), "schema_violations/2-0-1")


@pytest.mark.contract("C.3/redirect no json")
def test_contexts_without_a_list_refuse_the_request_so_that_the_url_stays() -> None:
    (message,) = messages(redirect(u="https://e.org", e="pv", co='{"data":{}}'), TRACKER)
    assert message == {"json": {"data": {}}, "error": "INVALID_DATA_PAYLOAD"}


def test_the_new_contexts_are_base64_of_a_url() -> None:
    page = sdj(f"{SP}/link_click/jsonschema/1-0-1", {"targetUrl": "https://e.org/üÿ~>?"})
    (event,) = good(redirect(u="https://e.org/?a=1", e="pv", cx=base64(contexts(page))))
    assert entities(event) == [VISIT, page]
