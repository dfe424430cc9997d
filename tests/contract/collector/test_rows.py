"""The rows that the collector promises, one test each, over the socket.

Wire contract (docs/reference/wire-contract.md): B.1 Routing, B.2 Custom paths, B.3 Response headers, B.4 Identity and
address, B.5 Cookie, B.6 Do-not-track and bounce, B.7 CollectorPayload.
"""

from base64 import b64decode
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from time import time
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pytest

from services.enricher.text.ip_address import select

PIXEL = b64decode("R0lGODlhAQABAPAAAP///wAAACH5BAUAAAAALAAAAAABAAEAAAICRAEAOw==")
TP2 = "/com.snowplowanalytics.snowplow/tp2"
JSON = {"Content-Type": "application/json"}
PLAIN = "text/plain; charset=UTF-8"
ZERO = "00000000-0000-0000-0000-000000000000"

# The process under test, and how to start another: types of this directory's conftest, which no test may import.
type Collector = Any
type StartCollector = Callable[..., Any]


@pytest.mark.contract("B.1/get", "B.1/pixel-paths", "B.3/cache-control", "A.1/transports")
@pytest.mark.parametrize("path", ["/i", "/ice.png", TP2, "/com.acme/v1"])
def test_get_of_an_event_route_is_a_pixel_and_one_payload_without_body(collector: Collector, path: str) -> None:
    answer = collector.request("GET", f"{path}?e=pv&p=web", {"Content-Type": "text/plain"})
    assert (answer.status, answer.body, answer.header("content-type")) == (200, PIXEL, "image/gif")
    assert answer.header("content-length") == "43"
    assert answer.header("cache-control") == "no-cache, no-store, must-revalidate"
    (payload,) = collector.payloads(1)
    assert (payload.path, payload.querystring, payload.body, payload.content_type) == (path, "e=pv&p=web", None, None)
    assert payload.hostname is None


@pytest.mark.contract("B.1/head", "B.1/pixel-paths")
@pytest.mark.parametrize("path", ["/i", TP2])
def test_head_of_an_event_route_is_the_pixels_head_and_one_payload(collector: Collector, path: str) -> None:
    answer = collector.request("HEAD", f"{path}?e=pv")
    assert (answer.status, answer.body, answer.header("content-length")) == (200, b"", "43")
    (payload,) = collector.payloads(1)
    assert payload.path == path


@pytest.mark.contract("B.1/post", "B.3/cache-control", "B.7/header-bare-type", "B.7/content-type", "J/15")
def test_post_is_ok_and_one_payload_with_body_and_content_type(collector: Collector) -> None:
    answer = collector.request("POST", f"{TP2}?x=1", {"Content-Type": "application/json;charset=UTF-8"}, b'{"a":1}')
    assert (answer.status, answer.body, answer.header("content-type")) == (200, b"ok", "text/plain")
    assert answer.header("cache-control") is None
    (payload,) = collector.payloads(1)
    assert (payload.path, payload.querystring, payload.body) == (TP2, "x=1", '{"a":1}')
    assert payload.content_type == "application/json; charset=utf-8"
    assert payload.headers[-1] == "application/json; charset=utf-8"
    assert "Content-Type: application/json;charset=UTF-8" in payload.headers


@pytest.mark.contract("B.1/post")
def test_post_in_chunks_is_one_payload(collector: Collector) -> None:
    received = collector.raw(
        b"POST /a/b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        b'3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n'
    )
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    (payload,) = collector.payloads(1)
    assert payload.body == '{"a":1}'


@pytest.mark.contract("B.2/mapped")
def test_mapped_path_is_recorded_as_its_target(collector: Collector) -> None:
    collector.request("POST", "/com.acme/track", JSON, b"{}")
    (payload,) = collector.payloads(1)
    assert payload.path == TP2


@pytest.mark.contract("B.1/options", "B.3/allow-headers", "B.3/max-age", "B.3/credentials")
@pytest.mark.parametrize("target", ["/", TP2, "/i", "*", "/a/b/c"])
def test_options_is_the_preflight_answer_and_no_payload(collector: Collector, target: str) -> None:
    before = len(collector.kinesis.records)
    answer = collector.request("OPTIONS", target, {"Origin": "https://shop.example.org:8443"})
    assert (answer.status, answer.body, answer.header("content-type")) == (200, b"", None)
    assert answer.header("access-control-allow-origin") == "https://shop.example.org:8443"
    assert answer.header("access-control-allow-credentials") == "true"
    assert answer.header("access-control-allow-headers") == "Content-Type, SP-Anonymous"
    assert answer.header("access-control-max-age") == "3600"
    assert answer.header("set-cookie") is None
    assert len(collector.kinesis.records) == before


@pytest.mark.contract("B.3/allow-origin", "B.3/credentials")
@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, "*"),
        ("null", "*"),
        ("null https://a.org", "https://a.org"),
        ("https://a.org https://b.org", "https://a.org"),
        ("not an origin", "*"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_event_route_allows_the_first_origin(
    collector: Collector, method: str, origin: str | None, allowed: str
) -> None:
    answer = collector.request(method, TP2, {} if origin is None else {"Origin": origin})
    assert answer.header("access-control-allow-origin") == allowed
    assert answer.header("access-control-allow-credentials") == "true"
    collector.payloads(1)


@pytest.mark.contract("B.1/redirects-disabled", "B.1/order")
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "PUT"])
def test_redirects_are_disabled(collector: Collector, method: str) -> None:
    answer = collector.request(method, "/r/tp2?u=https%3A%2F%2Fexample.org")
    assert (answer.status, answer.header("location")) == (404, None)
    assert answer.header("content-type") == PLAIN
    assert answer.body == (b"" if method == "HEAD" else b"redirects disabled")


@pytest.mark.contract("B.1/health")
def test_health_is_200_ok(collector: Collector) -> None:
    answer = collector.request("GET", "/health")
    assert (answer.status, answer.body, answer.header("content-type")) == (200, b"ok", PLAIN)
    assert answer.header("set-cookie") is None


@pytest.mark.contract("B.1/robots")
def test_robots_txt_has_the_exact_bytes(collector: Collector) -> None:
    answer = collector.request("GET", "/robots.txt")
    assert (answer.status, answer.header("content-type")) == (200, PLAIN)
    assert answer.body == (
        b"User-agent: *\nDisallow: /\n\nUser-agent: Googlebot\nDisallow: /\n\nUser-agent: AdsBot-Google\nDisallow: /"
    )


@pytest.mark.contract("B.1/not-found")
@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("PUT", TP2),
        ("DELETE", TP2),
        ("PATCH", TP2),
        ("POST", "/i"),
        ("POST", "/ice.png"),
        ("POST", "/health"),
        ("GET", "/"),
        ("GET", "/a"),
        ("GET", "/a/b/c"),
        ("GET", "/a/b/"),
        ("GET", "///b"),
        ("GET", "/crossdomain.xml"),
    ],
)
def test_other_methods_and_paths_are_not_found(collector: Collector, method: str, target: str) -> None:
    answer = collector.request(method, target)
    assert (answer.status, answer.body, answer.header("content-type")) == (404, b"Not found", PLAIN)
    assert answer.header("set-cookie") is None


@pytest.mark.contract("B.1/target")
@pytest.mark.parametrize(
    "target", ["/i?x=a|b", "/i?x={", '/i?x="', "/i?x=^", "/i?x=\\", "/i?x=<", "/i?x=%", "/i?x=%4g"]
)
def test_target_that_is_not_a_uri_is_a_bad_request(collector: Collector, target: str) -> None:
    received = collector.raw(f"GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
    assert received.startswith(b"HTTP/1.1 400 ")


@pytest.mark.contract("B.1/head-limits")
@pytest.mark.parametrize(
    "head", [b"GET /i?" + b"x" * 20_480 + b" HTTP/1.1\r\n", b"GET /i HTTP/1.1\r\nX: " + b"y" * 40_960 + b"\r\n"]
)
def test_head_over_its_limit_is_a_bad_request(collector: Collector, head: bytes) -> None:
    assert collector.raw(head + b"Host: h\r\n\r\n").startswith(b"HTTP/1.1 400 ")


@pytest.mark.contract("B.1/head-limits")
def test_head_within_its_limits_is_accepted(collector: Collector) -> None:
    answer = collector.request("GET", f"/i?{'x' * 20_000}", {"X": "y" * 40_000})
    assert answer.status == 200
    collector.payloads(1)


@pytest.mark.contract("B.1/drop-size")
def test_body_over_drop_payload_size_is_413_and_leaves_nothing(collector: Collector) -> None:
    before = len(collector.kinesis.records)
    answer = collector.request("POST", TP2, JSON, b"x" * 2_097_153)
    assert (answer.status, answer.body) == (413, b"")
    assert collector.request("GET", "/health").status == 200
    assert len(collector.kinesis.records) == before


@pytest.mark.contract("B.4/hostname")
def test_target_in_absolute_form_gives_the_hostname(collector: Collector) -> None:
    collector.raw(b"GET http://c.example.org:80/i?e=pv HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n")
    (payload,) = collector.payloads(1)
    assert (payload.hostname, payload.path, payload.querystring) == ("c.example.org", "/i", "e=pv")
    assert "Host: other" in payload.headers


@pytest.mark.contract("B.4/timestamp", "B.4/agent-and-referer", "B.4/address-peer", "B.4/user-new", "B.7/fields")
def test_payload_has_timestamp_agent_referer_address_and_user(collector: Collector) -> None:
    collector.request("GET", "/i", {"User-Agent": "Mozilla/5.0", "Referer": "https://example.org/?q=u"})
    (payload,) = collector.payloads(1)
    assert abs(payload.timestamp - time() * 1000) < 60_000
    assert (payload.encoding, payload.user_agent, payload.referer_uri) == (
        "UTF-8",
        "Mozilla/5.0",
        "https://example.org/?q=u",
    )
    assert payload.ip_address == "127.0.0.1"
    assert payload.collector.startswith("snowveil-collector-")
    assert UUID(payload.network_user_id).version == 4


@pytest.mark.contract("B.4/key-random")
def test_each_request_has_a_partition_key_of_its_own(collector: Collector) -> None:
    collector.request("GET", "/i")
    collector.request("GET", "/i")
    collector.payloads(2)
    keys = {record.key for record in collector.kinesis.records[-2:]}
    assert len(keys) == 2
    assert {UUID(key).version for key in keys} == {4}


@pytest.mark.contract("B.4/user-nuid", "B.4/user-cookie", "J/4")
@pytest.mark.parametrize(
    ("query", "cookie", "user"),
    [("nuid=n-1", "sp=c-1", "n-1"), ("e=pv", "x=y; sp=c-1", "c-1")],
)
def test_user_id_is_from_nuid_or_the_cookie(collector: Collector, query: str, cookie: str, user: str) -> None:
    answer = collector.request("GET", f"/i?{query}", {"Cookie": cookie})
    (payload,) = collector.payloads(1)
    assert payload.network_user_id == user
    assert answer.header("set-cookie").startswith(f"sp={user}; Expires=")


@pytest.mark.contract("B.5/stores", "B.5/domain-matching", "B.5/expiration")
def test_new_user_id_is_set_as_a_cookie(collector: Collector) -> None:
    answer = collector.request("POST", TP2, {"Origin": "https://shop.example.org"}, b"{}")
    (payload,) = collector.payloads(1)
    name, expires, rest = answer.header("set-cookie").split("; ", 2)
    assert name == f"sp={payload.network_user_id}"
    lifetime = parsedate_to_datetime(expires.removeprefix("Expires=")).timestamp() - time()
    assert lifetime == pytest.approx(90 * 86400, abs=60)
    assert rest == "Domain=example.org; Path=/; SameSite=None; Secure; HttpOnly"


@pytest.mark.contract(
    "B.4/user-anonymous", "B.4/address-anonymous", "B.5/anonymous-deletes", "B.5/anonymous-none", "B.7/header-anonymous"
)
@pytest.mark.parametrize(("cookie", "deleted"), [("sp=c-1", True), ("x=y", False)])
def test_anonymous_request_leaves_no_identity(collector: Collector, cookie: str, deleted: bool) -> None:
    headers = {"SP-Anonymous": "*", "Cookie": cookie, "X-Forwarded-For": "198.51.100.1", "X-Real-Ip": "198.51.100.1"}
    answer = collector.request("GET", "/i?nuid=n-1", headers)
    (payload,) = collector.payloads(1)
    assert (payload.network_user_id, payload.ip_address) == (ZERO, "unknown")
    assert not [line for line in payload.headers if line.startswith(("Cookie", "X-Forwarded-For", "X-Real-Ip"))]
    set_cookie = answer.header("set-cookie")
    if deleted:
        assert set_cookie.startswith("sp=; Expires=")
        assert parsedate_to_datetime(set_cookie.split("; ")[1].removeprefix("Expires=")).timestamp() < time()
    else:
        assert set_cookie is None


@pytest.mark.contract("B.4/address-forwarded", "B.4/address-trust")
@pytest.mark.parametrize(
    ("forwarded", "address"),
    [("198.51.100.1, 10.0.0.1", "198.51.100.1"), ("2001:db8::1", "[2001:db8::1]"), ("198.51.100.1:80", "127.0.0.1")],
)
def test_address_comes_from_x_forwarded_for(collector: Collector, forwarded: str, address: str) -> None:
    collector.request("GET", "/i", {"X-Forwarded-For": forwarded})
    (payload,) = collector.payloads(1)
    assert payload.ip_address == address


@pytest.mark.contract("B.4/address-arrives")
def test_address_that_the_collector_decides_on_is_the_one_that_enrich_uses(
    collector: Collector, start_collector: StartCollector
) -> None:
    headers = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9", "Forwarded": "for=6.6.6.6"}
    collector.request("GET", "/i", headers)
    (payload,) = collector.payloads(1)
    assert payload.ip_address == "203.0.113.9"
    assert select(payload.headers, payload.ip_address) == "203.0.113.9"
    as_snowplow = start_collector(networking={"trustedProxies": "any"})
    as_snowplow.request("GET", "/i", headers)
    (payload,) = as_snowplow.payloads(1)
    assert payload.ip_address == "6.6.6.6"
    assert [line for line in payload.headers if "6.6.6.6" in line] == [f"{name}: {headers[name]}" for name in headers]


@pytest.mark.contract("B.7/header-anonymous", "B.4/address-anonymous")
def test_no_header_of_an_anonymous_request_gives_its_address_to_enrich(collector: Collector) -> None:
    names = ["Forwarded", "X-Forwarded-For", "True-Client-IP", "CF-Connecting-IP", "CloudFront-Viewer-Address", "X-Any"]
    collector.request("GET", "/i", {"SP-Anonymous": "*", **dict.fromkeys(names, "for=203.0.113.9")})
    (payload,) = collector.payloads(1)
    assert not [line for line in payload.headers if "203.0.113" in line]
    assert select(payload.headers, payload.ip_address) == "unknown"


@pytest.mark.contract("B.1/target")
def test_connection_ends_behind_a_target_that_is_no_uri(collector: Collector) -> None:
    received = collector.raw(b"GET /i?x={ HTTP/1.1\r\nHost: h\r\n\r\nGET /i HTTP/1.1\r\nHost: h\r\n\r\n")
    assert received.count(b"HTTP/1.1 ") == 1
    assert b"\r\nConnection: close\r\n" in received


@pytest.mark.contract("B.1/protocol")
@pytest.mark.parametrize("protocol", ["HTTP/2.0", "HTTP/0.9", "RTSP/1.0"])
def test_another_protocol_than_http_1_is_a_bad_request(collector: Collector, protocol: str) -> None:
    assert collector.raw(f"GET /i {protocol}\r\nHost: h\r\n\r\n".encode()).startswith(b"HTTP/1.1 400 ")


@pytest.mark.contract("B.1/transfer-coding")
def test_body_in_another_transfer_coding_than_chunked_is_a_bad_request(collector: Collector) -> None:
    head = b"POST /a/b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
    assert collector.raw(head + b"1\r\nx\r\n0\r\n\r\n").startswith(b"HTTP/1.1 400 ")


@pytest.mark.contract("B.1/empty-segments")
@pytest.mark.parametrize("path", ["/i/", "/health/", "//b"])
def test_path_of_two_segments_is_an_event_though_one_is_empty(collector: Collector, path: str) -> None:
    answer = collector.request("GET", path)
    assert (answer.status, answer.body) == (200, PIXEL)
    (payload,) = collector.payloads(1)
    assert payload.path == path


@pytest.mark.contract("B.1/path-decoded")
def test_path_is_recorded_decoded(collector: Collector) -> None:
    collector.request("GET", "/%69?e=pv")
    (payload,) = collector.payloads(1)
    assert payload.path == "/i"


@pytest.mark.contract("B.1/parameter-names", "B.4/user-nuid")
@pytest.mark.parametrize("query", ["nui%64=n-1", "e=pv;nuid=n-1"])
def test_parameter_names_are_decoded_and_semicolons_separate(collector: Collector, query: str) -> None:
    collector.request("GET", f"/i?{query}", {"Cookie": "sp=c-1"})
    (payload,) = collector.payloads(1)
    assert (payload.network_user_id, payload.querystring) == ("n-1", query)


@pytest.mark.contract("B.4/cookie-value", "B.4/cookie-pairs")
@pytest.mark.parametrize(
    ("cookie", "user"),
    [('sp="c-1"', "c-1"), ("sp=c 1", None), ("a=b;sp=c-1", "c-1"), ('sp="c 1"', None)],
)
def test_cookie_value_is_not_invented(collector: Collector, cookie: str, user: str | None) -> None:
    collector.request("GET", "/i", {"Cookie": cookie})
    (payload,) = collector.payloads(1)
    assert payload.network_user_id == user or (user is None and UUID(payload.network_user_id).version == 4)


@pytest.mark.contract("B.7/charset")
@pytest.mark.parametrize(
    ("sent", "recorded"),
    [
        ("application/json; charset=utf8", "application/json; charset=utf-8"),
        ('application/json;charset="UTF8"', "application/json; charset=utf-8"),
        ("application/json; charset=utf_8", "application/json"),
        ("application/json; charset=latin1", "application/json; charset=iso-8859-1"),
        ('application/json; a="b;c"', 'application/json; a="b;c"'),
        ("*/*", None),
    ],
)
def test_charset_is_understood(collector: Collector, sent: str, recorded: str | None) -> None:
    collector.request("POST", TP2, {"Content-Type": sent}, b"{}")
    (payload,) = collector.payloads(1)
    assert payload.content_type == recorded


@pytest.mark.contract("B.7/charset-of-headers", "B.7/content-type-space")
def test_headers_are_read_as_utf_8_and_a_space_before_a_parameter_is_allowed(collector: Collector) -> None:
    collector.raw(
        b"POST /a/b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nUser-Agent: \xc3\xa9\r\n"
        b"Content-Type: application/json ; charset=utf-8\r\nConnection: close\r\n\r\n{}"
    )
    (payload,) = collector.payloads(1)
    assert (payload.user_agent, payload.content_type) == ("é", "application/json; charset=utf-8")


@pytest.mark.contract("B.7/header-order", "B.7/header-cookie")
def test_headers_are_recorded_in_order_with_case_and_duplicates(collector: Collector) -> None:
    collector.raw(
        b'GET /i HTTP/1.1\r\nhOST: h\r\nX-A: 1\r\nx-a: \xff\r\ncookie: a=b; c="d"\r\n'
        b"X-A: 1\r\nConnection: close\r\n\r\n"
    )
    (payload,) = collector.payloads(1)
    assert payload.headers == ("hOST: h", "X-A: 1", "x-a: �", "Cookie: a=b", "X-A: 1", "Connection: close")


@pytest.mark.contract("B.5/disabled")
def test_with_the_cookie_disabled_it_is_read_and_never_set(start_collector: StartCollector) -> None:
    collector = start_collector(cookie={"enabled": False})
    answer = collector.request("GET", "/i", {"Cookie": "sp=c-1"})
    assert answer.header("set-cookie") is None
    (payload,) = collector.payloads(1)
    assert payload.network_user_id == "c-1"


def test_connection_serves_many_requests(collector: Collector) -> None:
    request = b"GET /i?n=%d HTTP/1.1\r\nHost: h\r\n\r\n"
    received = collector.raw(
        b"".join(request % n for n in range(50)) + b"GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    )
    assert received.count(b"HTTP/1.1 200 OK\r\n") == 51
    assert [payload.querystring for payload in collector.payloads(50)] == [f"n={n}" for n in range(50)]


@pytest.mark.contract("B.7/bytes")
def test_record_is_thrift_byte_by_byte(collector: Collector) -> None:
    collector.request("GET", "/i?nuid=u", {"User-Agent": "a", "Accept-Encoding": "b"})
    (payload,) = collector.payloads(1)

    def text(field: int, value: bytes) -> bytes:
        return b"\x0b" + field.to_bytes(2) + len(value).to_bytes(4) + value

    headers = [line.encode() for line in payload.headers]
    assert collector.kinesis.of("good")[-1] == b"".join(
        [
            text(100, b"127.0.0.1"),
            b"\x0a\x00\xc8" + payload.timestamp.to_bytes(8),
            text(210, b"UTF-8"),
            text(220, payload.collector.encode()),
            text(300, b"a"),
            text(320, b"/i"),
            text(330, b"nuid=u"),
            b"\x0f\x01\x5e\x0b" + len(headers).to_bytes(4),
            *(len(line).to_bytes(4) + line for line in headers),
            text(410, b"u"),
            text(31337, b"iglu:com.snowplowanalytics.snowplow/CollectorPayload/thrift/1-0-0"),
            b"\x00",
        ]
    )


@pytest.mark.contract("B.3/no-p3p")
def test_event_answer_has_no_other_headers(collector: Collector) -> None:
    names = [name for name, _ in collector.request("GET", "/i", {"Origin": "https://example.org"}).headers]
    cors = ["access-control-allow-origin", "access-control-allow-credentials"]
    assert names == [*cors, "cache-control", "content-type", "content-length", "set-cookie", "date"]
    collector.payloads(1)


@pytest.mark.contract("B.5/domain-fallback")
def test_cookie_for_an_unknown_origin_has_no_domain(collector: Collector) -> None:
    answer = collector.request("GET", "/i", {"Origin": "https://elsewhere.net"})
    assert "Domain=" not in answer.header("set-cookie")
    collector.payloads(1)


@pytest.mark.contract("B.5/value", "B.4/user-nuid")
@pytest.mark.parametrize("nuid", ["a%3B%20Domain%3Devil.org", "a%0D%0AX%3A%20y", "%C3%A9", "x" * 257, "a%22"])
def test_id_that_is_not_a_cookie_value_is_recorded_and_not_set(collector: Collector, nuid: str) -> None:
    answer = collector.request("GET", f"/i?nuid={nuid}")
    assert (answer.status, answer.header("set-cookie"), answer.header("x")) == (200, None, None)
    (payload,) = collector.payloads(1)
    assert payload.network_user_id == unquote(nuid)
