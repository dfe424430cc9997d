"""What a row-by-row test over the socket cannot cover: every target and every method has an answer."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collector.config.durations import parse
from services.collector.config.settings import Collector
from services.collector.request.messages import Request, Response
from services.collector.routes.routing import Routes
from wire.collector_payload import decode

type MakeRequest = Callable[..., Request]

METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE"])


@pytest.mark.parametrize(
    ("target", "hostname", "path", "query"),
    [
        ("/a/b", None, "/a/b", ""),
        ("/a/b?", None, "/a/b", ""),
        ("/a/b?x=%20&y=a+b?c/d", None, "/a/b", "x=%20&y=a+b?c/d"),
        ("/a/b?x[0]=1", None, "/a/b", "x[0]=1"),
        ("/i?e=pv", None, "/i", "e=pv"),
        ("/ice.png", None, "/ice.png", ""),
        ("/%61/b%2ec", None, "/a/b.c", ""),
        ("/a/%ff", None, "/a/�", ""),
        ("http://c.example.org/a/b?x=1", "c.example.org", "/a/b", "x=1"),
        ("https://c.example.org:8443/i", "c.example.org", "/i", ""),
        ("http://[2001:db8::1]:80/i", "[2001:db8::1]", "/i", ""),
        ("/i/", None, "/i/", ""),
        ("/health/?x", None, "/health/", "x"),
        ("//b", None, "//b", ""),
    ],
)
def test_target_is_split_into_host_path_and_query(
    config: Collector, make_request: MakeRequest, target: str, hostname: str | None, path: str, query: str
) -> None:
    answer = Routes(config, lambda: True).answer(make_request("GET", target))
    assert status(answer.response) == 200
    assert answer.record is not None
    record = decode(answer.record)
    assert (record.hostname, record.path, record.querystring) == (hostname, path, query)


@pytest.mark.parametrize(
    "target",
    [
        *(f"/a/b?x={character}" for character in ' |{}"^\\<>#`\x7f\x00\té'),
        *(f"/a/b?x={broken}" for broken in ("%", "%1", "%zz", "%%20")),
        "/a/b[1]",
        "http://user@host/i",
        "ftp://host/i",
        "http://",
        "a:80",
        "",
    ],
)
def test_target_that_is_not_a_uri_is_a_bad_request(config: Collector, make_request: MakeRequest, target: str) -> None:
    answer = Routes(config, lambda: True).answer(make_request("GET", target))
    assert (status(answer.response), answer.record) == (400, None)


@given(METHODS, st.text("/ir.ab%2f?&=[]:@-", max_size=24))
def test_every_method_and_target_has_an_answer(make_request: MakeRequest, method: str, target: str) -> None:
    answer = ROUTES.answer(make_request(method, target))
    assert status(answer.response) in (200, 400, 404)
    if answer.record is not None:
        assert method in ("GET", "HEAD", "POST")
        assert decode(answer.record).path
    response = answer.response.encode()
    assert response.count(b"\r\n\r\n") == 1


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_header_of_the_request_adds_one_to_the_response(make_request: MakeRequest, origin: str, cookie: str) -> None:
    request = make_request("GET", "/i", ("Origin", origin), ("Cookie", f"sp={cookie}"))
    start = ROUTES.answer(request).response.encode(is_head=True)
    names = [line.split(b": ")[0] for line in start.split(b"\r\n")[1:-2]]
    cors = [b"Access-Control-Allow-Origin", b"Access-Control-Allow-Credentials"]
    allowed = [*cors, b"Cache-Control", b"Content-Type", b"Content-Length"]
    assert names in ([*allowed, b"Set-Cookie", b"Date"], [*allowed, b"Date"])


STREAM = {"name": "s", "region": "eu-west-1"}
SETTINGS = {"interface": "::", "port": 1, "streams": {"good": STREAM, "bad": STREAM}}
ROUTES = Routes(msgspec.convert(SETTINGS, Collector, dec_hook=parse), lambda: True)


def status(response: Response) -> int:
    return int(response.head.split(b" ")[1])
