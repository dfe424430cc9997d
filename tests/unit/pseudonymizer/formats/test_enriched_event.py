import json
import re
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snowplow_analytics_sdk.event_transformer import transform as read_with_sdk

from lambda_src.pseudonymizer.errors import Reason, UnprocessableError
from lambda_src.pseudonymizer.formats import enriched_event
from scripts.rehearsal.canaries import Canaries
from tests.unit.pseudonymizer.samples import (
    CONTEXTS,
    CSP,
    JSON_COLUMNS,
    LINK_CLICK,
    PAGE_VIEW,
    STANDARD,
    UNSTRUCT,
    CanaryEvents,
    cells_of,
    dump,
    make_plan,
    pseudonym,
    record,
    wrap,
)  # fmt: skip
from wire.columns import COLUMNS

PLAN = make_plan()
TRANSFORM = enriched_event.make(PLAN).line
PSEUDONYM = pseudonym
NAME = partial(pseudonym, domain="name")
HEX = re.compile("[0-9a-f]{64}")


def transformed(**cells: str) -> dict[str, str]:
    return cells_of(TRANSFORM(record(**cells)))


def entity(schema: str, data: object) -> object:
    shown = transformed(contexts=dump(wrap(CONTEXTS, [wrap(schema, data)])))["contexts"]
    return json.loads(shown)["data"][0]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_canary_in_any_column_survives_in_any_encoding(data: st.DataObject) -> None:
    canaries = Canaries()
    events = CanaryEvents(canaries)
    event = events.event(data.draw)
    line = TRANSFORM(record(**event))
    assert canaries.search("line", line.encode()) == []
    assert len(line.split("\t")) == len(COLUMNS)
    assert "\n" not in line
    assert TRANSFORM(record(**event)) == line


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([column.name for column in COLUMNS]), st.text(st.characters(exclude_characters="\t"))
    )
)
def test_whatever_the_cells_hold_the_shape_stays_or_the_record_is_refused(cells: dict[str, str]) -> None:
    original = record(**{name: text.encode("utf-8", "replace").decode() for name, text in cells.items()})
    try:
        shown = cells_of(TRANSFORM(original))
    except UnprocessableError:
        assert any(cells.get(name) for name in JSON_COLUMNS)
    else:
        assert len(shown) == len(COLUMNS)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_the_analytics_sdk_reads_what_is_delivered(data: st.DataObject) -> None:
    events = CanaryEvents(Canaries())
    wrapped = {name: events.cell(data.draw, name) for name in ("contexts", "unstruct_event", "derived_contexts")}
    read = read_with_sdk(TRANSFORM(record(**{**PAGE_VIEW, **wrapped})))
    assert read["event_id"] == PAGE_VIEW["event_id"]
    assert any(key.startswith("contexts_") for key in read)
    assert any(key.startswith("unstruct_event_") for key in read)


def test_a_page_view_keeps_what_analytics_needs_and_nothing_of_the_user() -> None:
    shown = transformed(**PAGE_VIEW)
    same = (
        "app_id",
        "platform",
        "etl_tstamp",
        "event",
        "event_id",
        "v_tracker",
        "domain_sessionidx",
        "page_urlhost",
        "event_name",
    )
    assert {name: shown[name] for name in same} == {name: PAGE_VIEW[name] for name in same}
    assert shown["user_id"] == PSEUDONYM("1234567", "user")
    assert shown["user_ipaddress"] == ""
    context = json.loads(shown["contexts"])["data"][0]["data"]
    assert context["environment"] == "production"
    assert context["user_id"] == shown["user_id"]


def test_the_same_value_has_one_pseudonym_in_column_number_url_and_property_of_a_domain() -> None:
    context = entity(STANDARD, {"user_id": 123, "global_user_id": "123"})
    assert isinstance(context, dict)
    query = transformed(page_urlquery="author_username=123")["page_urlquery"]
    pseudonyms = {transformed(user_id="123")["user_id"], *context["data"].values(), query.partition("=")[2]}
    assert pseudonyms == {PSEUDONYM("123", "user")}


def test_a_value_that_is_known_in_one_field_decodes_no_other() -> None:
    """Chrome's version 6099 is not a user, and a label `Berlin` names no city."""
    ua_parser = f"{CSP}/ua_parser_context/jsonschema/1-0-0"
    fields = {
        "user": transformed(user_id="6099")["user_id"],
        "device": transformed(domain_userid="6099")["domain_userid"],
        "session": transformed(domain_sessionid="6099")["domain_sessionid"],
        "label": transformed(se_label="6099")["se_label"],
        "campaign": transformed(mkt_term="6099")["mkt_term"],
        "agent": transformed(useragent="6099")["useragent"],
        "segment": transformed(page_urlpath="/6099")["page_urlpath"].removeprefix("/"),
        "host": transformed(page_urlhost="6099")["page_urlhost"],
        "organization of the network": transformed(ip_organization="6099")["ip_organization"],
        **{name: dump(entity(STANDARD, {name: 6099})) for name in ("project_id", "namespace_id", "organization_id")},
    }
    pseudonyms = [HEX.search(shown)[0] for shown in fields.values()]  # type: ignore[index] # there is one
    assert len(set(pseudonyms)) == len(fields)
    derived = dump(entity(ua_parser, {"useragentMinor": "6099", "deviceFamily": "Berlin"}))
    assert HEX.search(derived) is None
    assert transformed(geo_city="Berlin")["geo_city"] == ""


def test_a_sender_reaches_no_domain_of_what_is_derived() -> None:
    """JSON in an entity that looks like a failed event holds columns too; its organization is a text like any other."""
    badrow = f"{CSP}.badrows/schema_violations/jsonschema/2-0-0"
    claimed = dump(entity(badrow, {"payload": {"enriched": {"ip_organization": "Example Ltd"}}}))
    assert transformed(ip_organization="Example Ltd")["ip_organization"] == PSEUDONYM("Example Ltd", "network")
    assert PSEUDONYM("Example Ltd", "network") not in claimed
    assert PSEUDONYM("Example Ltd") in claimed


def test_url_columns_agree_with_the_url() -> None:
    shown = transformed(**PAGE_VIEW)
    built = "{page_urlscheme}://{page_urlhost}{page_urlpath}?{page_urlquery}#{page_urlfragment}".format(**shown)
    assert built == shown["page_url"]


@pytest.mark.parametrize(
    "written",
    ["1.0", "1e400", "-0.5", "1.50", str(2**70), "7"],
    ids=["fraction", "huge", "negative", "zero", "2^70", "small"],
)
def test_numbers_are_hashed_as_they_are_written(written: str) -> None:
    text = f'{{"schema":"{CONTEXTS}","data":[{{"schema":"{STANDARD}","data":{{"user_id":{written}}}}}]}}'
    assert PSEUDONYM(written, "user") in transformed(contexts=text)["contexts"]


def test_allowed_numbers_leave_with_the_digits_they_came_with() -> None:
    mobile = f"{CSP}/mobile_context/jsonschema/1-0-0"
    data = '{"scale":2.0,"carrier":null,"language":""}'
    text = f'{{"schema":"{UNSTRUCT}","data":{{"schema":"{mobile}","data":{data}}}}}'
    assert transformed(unstruct_event=text)["unstruct_event"] == text


def test_columns_that_cannot_hold_a_pseudonym_are_erased_when_their_text_is_not_what_it_should_be() -> None:
    shown = transformed(
        etl_tstamp="alice@example.com", txn_id="7", event_id="alice", geo_country="Alice", br_cookies="alice"
    )
    assert {shown[name] for name in ("etl_tstamp", "txn_id", "event_id", "geo_country", "br_cookies")} == {""}


@pytest.mark.parametrize("value", [True, False, "opened", "merge_request", "DE", "EUR", 7, 999, "a b", "iphone", "Jör"])
def test_what_may_be_one_of_few_under_an_unknown_name_is_erased(value: object) -> None:
    """Frequency undoes a pseudonym of one of two, or of a word of an enumeration."""
    shown = entity(STANDARD, {"alice": value, "extra": {"bob": [value]}})
    assert shown == wrap(STANDARD, {NAME("alice"): None, "extra": {NAME("bob"): [None]}})


def test_a_boolean_is_shown_or_erased_and_never_has_a_pseudonym() -> None:
    for schema in (STANDARD, "iglu:com.gitlab/gitlab_standard/jsonschema/2-0-0"):
        shown = dump(entity(schema, {"is_gitlab_team_member": True, "user_id": False, "environment": True}))
        assert PSEUDONYM("true") not in shown
        assert PSEUDONYM("false", "user") not in shown
    assert '"is_gitlab_team_member":true' in dump(entity(STANDARD, {"is_gitlab_team_member": True}))
    many = [wrap(STANDARD, {"is_gitlab_team_member": True, "user_id": False}) for _ in range(6)]
    shown = json.loads(transformed(contexts=dump(wrap(CONTEXTS, many)))["contexts"])["data"]
    assert shown == [wrap(STANDARD, {"is_gitlab_team_member": True, "user_id": None})] * 6


def test_null_and_empty_stay() -> None:
    data: dict[str, object] = {"user_id": None, "plan": "", "extra": {}, "feature_enabled_by_namespace_ids": []}
    assert entity(STANDARD, data) == wrap(STANDARD, data)


def test_unknown_keys_are_values_and_unknown_schemas_lose_their_names() -> None:
    known = entity(STANDARD, {"alice": {"bob": "carol1"}})
    assert known == wrap(STANDARD, {NAME("alice"): {NAME("bob"): PSEUDONYM("carol1")}})
    unknown = entity("iglu:com.alice/bob/jsonschema/2-0-1", {"environment": "production"})
    hidden = {NAME("environment"): None}
    assert unknown == wrap(f"iglu:{NAME('com.alice')}/{NAME('bob')}/jsonschema/99-0-0", hidden)


def test_self_describing_json_inside_unnamed_properties_follows_its_own_schema() -> None:
    inner = wrap(STANDARD, {"plan": "premium", "user_id": 1})
    shown = entity("iglu:com.gitlab/custom_event/jsonschema/1-0-0", {"props": [inner]})
    assert shown != inner
    assert isinstance(shown, dict)
    assert shown["data"]["props"][0] == wrap(STANDARD, {"plan": "premium", "user_id": PSEUDONYM("1", "user")})


def test_array_and_nested_paths() -> None:
    shown = entity(LINK_CLICK, {"elementClasses": ["a", "b"], "targetUrl": "https://gitlab.com/x"})
    expected = {
        "elementClasses": [PSEUDONYM("a"), PSEUDONYM("b")],
        "targetUrl": f"https://gitlab.com/{PSEUDONYM('x', 'page')}",
    }
    assert shown == wrap(LINK_CLICK, expected)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"contexts": "alice"}, Reason.NOT_JSON),
        ({"contexts": "[]"}, Reason.NOT_SELF_DESCRIBING),
        ({"contexts": dump(wrap(UNSTRUCT, []))}, Reason.NOT_SELF_DESCRIBING),
        ({"contexts": dump(wrap(CONTEXTS, ["alice"]))}, Reason.NOT_SELF_DESCRIBING),
        ({"contexts": dump(wrap(CONTEXTS, {}))}, Reason.NOT_SELF_DESCRIBING),
        ({"contexts": dump(wrap(CONTEXTS, [wrap("alice", {})]))}, Reason.NOT_SELF_DESCRIBING),
        ({"unstruct_event": dump(wrap(UNSTRUCT, [wrap(STANDARD, {})]))}, Reason.NOT_SELF_DESCRIBING),
        ({"derived_contexts": '{"schema":"x","schema":"y","data":[]}'}, Reason.DUPLICATE_KEYS),
        ({"contexts": "[" * 200 + "]" * 200}, Reason.NESTED_TOO_DEEP),
    ],
)  # fmt: skip
def test_json_columns_that_hold_something_else_are_refused(cells: dict[str, str], reason: Reason) -> None:
    with pytest.raises(UnprocessableError) as caught:
        TRANSFORM(record(**cells))
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("original", "reason"),
    [
        (b"", Reason.WRONG_COLUMN_COUNT),
        (b"\t" * 129, Reason.WRONG_COLUMN_COUNT),
        (b"\t" * 131, Reason.WRONG_COLUMN_COUNT),
        (b"\xff" + b"\t" * 130, Reason.NOT_UTF8),
    ],
)
def test_records_that_are_no_enriched_event_are_refused(original: bytes, reason: Reason) -> None:
    with pytest.raises(UnprocessableError) as caught:
        TRANSFORM(original)
    assert caught.value.reason is reason


def test_the_search_of_these_tests_finds_what_an_identity_transform_would_deliver() -> None:
    canaries = Canaries()
    for column in COLUMNS:
        original = record(**{column.name: canaries.text(column.name)})
        assert canaries.search("line", original), column.name
