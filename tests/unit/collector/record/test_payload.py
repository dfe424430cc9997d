from collections.abc import Callable
from time import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collector.record import payload
from services.collector.request.messages import Request
from services.collector.request.targets import Target
from wire.collector_payload import CollectorPayload, decode

type MakeRequest = Callable[..., Request]


def build(request: Request) -> CollectorPayload:
    target = Target(None, b"/a/b", b"q", is_pair=True)
    return decode(payload.build(request, target, b"/p/v", b"192.0.2.7", b"u"))


def test_a_post_is_recorded_whole(make_request: MakeRequest) -> None:
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


def test_a_get_has_neither_body_nor_content_type(make_request: MakeRequest) -> None:
    record = build(make_request("GET", "/i", ("Content-Type", "text/plain"), body=b"ignored"))
    assert (record.body, record.content_type) == (None, None)
    assert record.headers == ("Content-Type: text/plain",)


def test_a_body_that_is_not_utf8_is_recorded_with_replacements(make_request: MakeRequest) -> None:
    record = build(make_request("POST", "/a/b", body=b"a\xffb"))
    assert record.body == "a�b"


def test_cookies_are_cleaned_and_an_empty_header_is_left_out(make_request: MakeRequest) -> None:
    record = build(make_request("GET", "/i", ("cookie", "a=1; b=é"), ("X", "y"), ("Cookie", '"'), ("COOKIE", "c=2")))
    assert record.headers == ("Cookie: a=1", "X: y", "Cookie: c=2")


def test_an_anonymous_request_leaves_no_address_and_no_cookie(make_request: MakeRequest) -> None:
    record = build(
        make_request(
            "GET",
            "/i",
            ("x-forwarded-for", "198.51.100.1"),
            ("X-REAL-IP", "198.51.100.1"),
            ("Cookie", "sp=1"),
            ("User-Agent", "ua"),
            ("SP-Anonymous", "*"),
        )
    )
    assert record.headers == ("User-Agent: ua", "SP-Anonymous: *")


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
    ],
)
def test_content_types(make_request: MakeRequest, header: str, rendered: str | None) -> None:
    record = build(make_request("POST", "/a/b", ("Content-Type", header)))
    assert record.content_type == rendered
    assert record.headers == (f"Content-Type: {header}", *([] if rendered is None else [rendered]))


names = st.text("abcXYZ-", min_size=1, max_size=8)


@given(st.lists(st.tuples(names, st.text(max_size=10)), max_size=10))
def test_every_header_is_kept_in_order_with_its_case(make_request: MakeRequest, headers: list[tuple[str, str]]) -> None:
    record = build(make_request("GET", "/i", *headers))
    assert record.headers == tuple(f"{name}: {value}" for name, value in headers)


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
    make_request: MakeRequest, headers: list[tuple[str, str]], anonymous: bool, body: bytes
) -> None:
    if anonymous:
        headers = [*headers, ("SP-Anonymous", "")]
    record = build(make_request("POST", "/a/b", *headers, body=body))
    assert record.path == "/p/v"
    if anonymous:
        assert not [line for line in record.headers if line.lower().startswith(("cookie:", "x-forwarded", "x-real"))]


@given(st.text('ab/;= \t"charset', max_size=40))
def test_a_content_type_stays_the_same_when_read_again(make_request: MakeRequest, header: str) -> None:
    first = build(make_request("POST", "/a/b", ("Content-Type", header))).content_type
    if first is not None:
        assert build(make_request("POST", "/a/b", ("Content-Type", first))).content_type == first
