from collections.abc import Callable
from time import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collector.record import headers, payload
from services.collector.request.identity import is_anonymous
from services.collector.request.messages import Request
from services.collector.request.targets import Target
from wire.collector_payload import CollectorPayload, decode

type MakeRequest = Callable[..., Request]


def build(request: Request) -> CollectorPayload:
    target = Target(None, b"/a/b", b"q", is_pair=True)
    lines = headers.recorded(request, is_anonymous=is_anonymous(request), keeps_forwarded=True)
    return decode(payload.build(request, target, b"/p/v", b"192.0.2.7", b"u", lines))


def test_post_is_recorded_whole(make_request: MakeRequest) -> None:
    request = make_request(
        "POST",
        "/a/b",
        ("Host", "c.example.org"),
        ("user-agent", "first"),
        ("User-Agent", "second"),
        ("Referer", "https://example.org/"),
        ("Content-Type", "Application/JSON;charset=UTF-8"),
        body='{"ü":1}'.encode(),
    )
    record = build(request)
    assert abs(record.timestamp - time() * 1000) < 5000
    assert record.collector.startswith("snowveil-collector-")
    assert (record.ip_address, record.encoding, record.path, record.querystring) == ("192.0.2.7", "UTF-8", "/p/v", "q")
    assert (record.user_agent, record.referer_uri, record.network_user_id) == ("first", "https://example.org/", "u")
    assert (record.body, record.content_type) == ('{"ü":1}', "application/json; charset=utf-8")
    assert record.headers == (
        "Host: c.example.org",
        "user-agent: first",
        "User-Agent: second",
        "Referer: https://example.org/",
        "Content-Type: Application/JSON;charset=UTF-8",
        "application/json; charset=utf-8",
    )


def test_get_is_recorded_without_body_and_content_type(make_request: MakeRequest) -> None:
    record = build(make_request("GET", "/i", ("Content-Type", "text/plain"), body=b"ignored"))
    assert (record.body, record.content_type) == (None, None)
    assert record.headers == ("Content-Type: text/plain",)


def test_body_that_is_not_utf8_is_recorded_with_replacements(make_request: MakeRequest) -> None:
    record = build(make_request("POST", "/a/b", body=b"a\xffb"))
    assert record.body == "a�b"


@pytest.mark.parametrize(
    ("header", "rendered"),
    [
        ("application/json", "application/json"),
        ("application/json;charset=UTF-8", "application/json; charset=utf-8"),
        ("application/json ;  charset=utf-8 ", "application/json; charset=utf-8"),
        ('application/json; charset="UTF-8"', "application/json; charset=utf-8"),
        ("text/plain; Charset=utf-8; Format=Flowed", 'text/plain; format="flowed"; charset=utf-8'),
        ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
        ("", None),
        ("json", None),
        ("application/json;", None),
        ("application/json; charset", None),
        ("application/json, text/plain", None),
        ("application/json charset=utf-8", None),
        *(
            (f"application/json; charset={utf8}", "application/json; charset=utf-8")
            for utf8 in ("utf8", "UTF8", '"utf8"', "Utf-8", "unicode-1-1-utf-8")
        ),
        *(
            (f"application/json; charset={unknown}", "application/json")
            for unknown in ("foo", "utf_8", "'utf-8'", "utf-8'", '""', '"utf 8"', "utf-88", "x-utf-8")
        ),
        ("application/json; charset=cp1252", "application/json; charset=windows-1252"),
        ("application/json; charset=latin1", "application/json; charset=iso-8859-1"),
        ("application/json; charset=Shift-JIS", "application/json; charset=shift_jis"),
        ("text/plain; charset=utf8; a=b; charset=foo", 'text/plain; a="b"'),
        ('application/json; a="b;c"', 'application/json; a="b;c"'),
        ('application/json; a="b;charset=foo"; charset=utf8', 'application/json; a="b;charset=foo"; charset=utf-8'),
        ('application/json; a="b\\"c"', 'application/json; a="b\\"c"'),
        ('application/json; a="b\\"', None),
        ('application/json; a="b"c', None),
        ("*/*", None),
        ("text/*", None),
    ],
)
def test_content_type_is_rendered_as_snowplow_does(
    make_request: MakeRequest, header: str, rendered: str | None
) -> None:
    record = build(make_request("POST", "/a/b", ("Content-Type", header)))
    assert record.content_type == rendered
    assert record.headers == (f"Content-Type: {header}", *([] if rendered is None else [rendered]))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Cookie", "cookie", "X-Forwarded-For", "X-Real-Ip", "Content-Type", "A"]),
            st.text(max_size=10),
        ),
        max_size=8,
    ),
    st.booleans(),
    st.binary(max_size=30),
)
def test_any_request_has_a_record(
    make_request: MakeRequest, sent: list[tuple[str, str]], anonymous: bool, body: bytes
) -> None:
    if anonymous:
        sent = [*sent, ("SP-Anonymous", "")]
    assert build(make_request("POST", "/a/b", *sent, body=body)).path == "/p/v"


@given(st.text('ab/;= \t"charset\\\\8-', max_size=40))
def test_content_type_stays_the_same_when_read_again(make_request: MakeRequest, header: str) -> None:
    first = build(make_request("POST", "/a/b", ("Content-Type", header))).content_type
    if first is not None:
        assert build(make_request("POST", "/a/b", ("Content-Type", first))).content_type == first
