"""Records and what is checked of a payload before any adapter sees it: collector_payload_format_violation."""

from base64 import b64decode
from copy import replace

import pytest

from tests.fixtures.enricher import GET, SP, Json, bad, get, good
from wire.collector_payload import CollectorPayload, encode

KIND = f"iglu:{SP}.badrows/collector_payload_format_violation/jsonschema/1-0-0"


def violations(record: CollectorPayload | bytes) -> list[Json]:
    """Return the messages; each must be a failed event of its own that holds the whole record."""
    events = bad(record)
    assert {event["schema"] for event in events} == {KIND}
    content = record if isinstance(record, bytes) else encode(record)
    for event in events:
        assert event["data"]["processor"] == {"artifact": "snowveil-enrich", "version": "0.1.0"}
        assert event["data"]["failure"]["loader"] == "thrift"
        assert b64decode(event["data"]["payload"]) == content
    return [event["data"]["failure"]["message"] for event in events]


@pytest.mark.contract("C.2/thrift", "C.2/schema")
@pytest.mark.parametrize(
    ("record", "error"),
    [
        (b"nonsense", "error deserializing raw event: Unrecognized type 110"),
        (b"", "error deserializing raw event: Reached end of bytes when parsing as thrift format"),
        (encode(GET)[:-9], "error deserializing raw event: Reached end of bytes when parsing as thrift format"),
        (b"\x00", "error deserializing raw event: Required field 'encoding' was not found"),
        (
            encode(replace(GET, schema="iglu:com.acme/CollectorPayload/thrift/1-0-0")),
            f"verifying record as iglu:{SP}/CollectorPayload/thrift/1-0-* failed: found another schema",
        ),
    ],
)
def test_a_record_that_is_no_payload(record: bytes, error: str) -> None:
    assert violations(record) == [{"error": error}]


@pytest.mark.contract("C.2/path")
@pytest.mark.parametrize("path", [None, "", "/", "/a", "/a/b/c", "//a/b", "/i/", "/health"])
def test_a_path_without_vendor_and_version(path: str | None) -> None:
    (message,) = violations(replace(GET, path=path))
    expectation = (
        "request does not contain a path"
        if path is None
        else "path does not match (/)vendor/version(/) nor is a legacy /i(ce.png) request"
    )
    assert message == {"payloadField": "path", "value": path, "expectation": expectation}


@pytest.mark.contract("C.2/path")
@pytest.mark.parametrize("path", [f"/{SP}/tp2", f"{SP}/tp2/", "/i", "/i?e=pv", "/ice.png", f"/{SP}/tp1"])
def test_a_path_of_the_trackers(path: str) -> None:
    assert good(replace(GET, path=path))[0]["event"] == "page_view"


@pytest.mark.contract("C.2/network user id")
@pytest.mark.parametrize(
    ("network_user_id", "cell"),
    [
        (None, ""),
        ("5B2C1C5E-2B3F-4F0E-9A67-0C1F9D6A7D11", "5b2c1c5e-2b3f-4f0e-9a67-0c1f9d6a7d11"),
        ("1-2-3-4-5", "00000001-0002-0003-0004-000000000005"),
        ("+1-2-3-4-5", "00000001-0002-0003-0004-000000000005"),
        ("123456789-2-3-4-5", "23456789-0002-0003-0004-000000000005"),
    ],
)
def test_a_network_user_id_is_read_as_java_reads_a_uuid(network_user_id: str | None, cell: str) -> None:
    assert good(replace(GET, network_user_id=network_user_id))[0]["network_userid"] == cell


@pytest.mark.contract("C.2/network user id")
@pytest.mark.parametrize(
    "text", ["", "abc", "1-2-3-4", "1-2-3-4-5-6", "g-2-3-4-5", "ffffffffffffffff-2-3-4-5", "0" * 37]
)
def test_a_network_user_id_that_is_no_uuid(text: str) -> None:
    message = {"payloadField": "networkUserId", "value": text, "expectation": "not valid UUID"}
    assert violations(replace(GET, network_user_id=text)) == [message]


@pytest.mark.contract("C.2/querystring uri")
@pytest.mark.parametrize("character", [" ", "|", "{", "}", "^", '"', "<", ">", "\\", "`", "%", "%G1", "\x7f", "\u2028"])
def test_a_querystring_with_a_character_that_no_uri_has(character: str) -> None:
    querystring = f"e=pv&p=web&page=a{character}b"
    (message,) = violations(replace(GET, querystring=querystring))
    assert message == {
        "payloadField": "querystring",
        "value": querystring,
        "expectation": "could not extract name-value pairs from querystring with encoding UTF-8: "
        "Illegal character in query at index 17",
    }


@pytest.mark.contract("C.2/querystring form")
@pytest.mark.parametrize(
    ("querystring", "title"),
    [
        ("page=a+b%20c", "a b c"),
        ("page=%C3%BC%E2%82%AC", "ü€"),
        ("page=%FF", "\ufffd"),
        ("page=ü[]", "\ufffd[]"),
        ("page=\u20ac\u0125\u012b1", "\ufffd%+1"),
        ("page=😀", "=\ufffd".replace("\ufffd", "")),
        ("page=%ED%A0%80", "\ufffd"),
        ("page=1&page=2", "2"),
        ("page=1;page=2", "2"),
        ("page=a=b", "a=b"),
        ("&&=x&page=a&", "a"),
        ("page=a&page", ""),
        ("page=a#b&page=c", "a"),
    ],
)
def test_a_querystring_is_decoded_as_a_form(querystring: str, title: str) -> None:
    assert good(replace(GET, querystring=f"e=pv&p=web&{querystring}"))[0]["page_title"] == title


@pytest.mark.contract("C.2/each alone")
def test_each_violation_is_a_failed_event_of_its_own() -> None:
    found = violations(replace(GET, path="/a", network_user_id="x", querystring="{"))
    assert [message["payloadField"] for message in found] == ["path", "networkUserId", "querystring"]


@pytest.mark.contract("C.2/thrift order")
def test_fields_may_come_in_any_order_and_unknown_ones_are_skipped() -> None:
    record = encode(get(page="x"))
    extra = b"\x0b\x00\x63" + (3).to_bytes(4, "big") + b"new"
    assert good(extra + record)[0]["page_title"] == "x"


@pytest.mark.contract("C.2/encoding")
@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("UTF-8", "\ufffdä x"), ("utf8", "\ufffdä x"), ("ISO-8859-1", "äÃ¤ x"), ("latin1", "äÃ¤ x"),
        ("windows-1252", "äÃ¤ x"), ("US-ASCII", "\ufffd\ufffd\ufffd x"),
    ],
)  # fmt: skip
def test_a_querystring_is_decoded_by_the_encoding_of_its_record(encoding: str, title: str) -> None:
    record = replace(GET, encoding=encoding, querystring="e=pv&p=web&page=%E4%C3%A4+x")
    assert good(record)[0]["page_title"] == title


@pytest.mark.contract("C.2/encoding")
@pytest.mark.parametrize("encoding", ["nope", "", "UTF-8 "])
def test_an_unknown_encoding_fails_the_record(encoding: str) -> None:
    (message,) = violations(replace(GET, encoding=encoding))
    assert message == {"error": "error deserializing raw event: an encoding of an unknown name"}


@pytest.mark.contract("C.2/thrift text")
def test_invalid_text_is_replaced_and_missing_fields_are_empty() -> None:
    record = encode(replace(GET, user_agent="ua", ip_address="1.2.3.4")).replace(b"ua", b"\xff\xfe")
    (event,) = good(record)
    assert event["useragent"] == "\ufffd\ufffd"
    without = encode(replace(GET, ip_address=""))[7:]  # the first field: type, id, length
    (event,) = good(without)
    assert event["user_ipaddress"] == ""
    assert event["collector_tstamp"] == "2023-11-14 22:13:20.123"


@pytest.mark.contract("C.2/network user id")
def test_a_network_user_id_may_have_digits_of_any_script() -> None:
    assert good(replace(GET, network_user_id="\uff11-\u0662-3-4-\uff21"))[0]["network_userid"] == (
        "00000001-0002-0003-0004-00000000000a"
    )
