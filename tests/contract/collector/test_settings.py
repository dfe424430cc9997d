"""The rows of the wire contract that a setting asks for: redirects, root, crossdomain, HSTS, do-not-track, bounce."""

import base64
import socket
from collections.abc import Callable
from time import monotonic
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen
from uuid import UUID

import pytest

from scripts.rehearsal.ports import free_port

TP2 = "/com.snowplowanalytics.snowplow/tp2"
PLAIN = "text/plain; charset=UTF-8"
NO_CACHE = "no-cache, no-store, must-revalidate"
ZERO = "00000000-0000-0000-0000-000000000000"
PIXEL = base64.b64decode("R0lGODlhAQABAPAAAP///wAAACH5BAUAAAAALAAAAAABAAEAAAICRAEAOw==")

type Collector = Any
type StartCollector = Callable[..., Any]


@pytest.fixture(scope="module")
def rich(start_collector: StartCollector) -> Collector:
    """Everything is on that does not exclude another."""
    return start_collector(
        enableDefaultRedirect=True,
        redirectDomains=["shop.example.org", "192.0.2.80"],
        cookie={"fallbackDomain": "example.org", "clientCookieName": "spjs", "secure": False},
        doNotTrackCookie={"enabled": True, "name": "dnt", "value": "y.s"},
        crossDomain={"enabled": True, "domains": ["*.example.org", "acme.com"], "secure": False},
        rootResponse={"enabled": True, "statusCode": 418, "headers": {"X-Tea": "pot"}, "body": "short and stout"},
        hsts={"enable": True, "maxAge": "1 hour"},
        cors={"accessControlMaxAge": "-1 seconds"},
        networking={
            "trustedProxies": "any",
            "responseHeaderTimeout": "400 milliseconds",
            "bodyReadTimeout": "300 milliseconds",
        },
    )


@pytest.fixture(scope="module")
def bouncing(start_collector: StartCollector) -> Collector:
    return start_collector(
        paths={"/acme/redir": "/r/tp2", "/a/b": TP2, "/i/x": "/x/y"},
        redirectDomains=["*"],
        cookieBounce={"enabled": True, "forwardedProtocolHeader": "X-Forwarded-Proto"},
    )


@pytest.mark.contract("A.1/transports", "B.1/redirect-allowed", "B.1/redirect-host-case", "B.3/cache-control")
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example.org/a?b=c%20d#e",
        "http://SHOP.example.org:8080",
        "https://192.0.2.80/",
        "https://shop.example.org:",
        "https://shop.example.org:/a",
    ],
)
def test_redirect_to_an_allowed_host_is_a_302_and_recorded(rich: Collector, method: str, url: str) -> None:
    answer = rich.request(method, f"/r/tp2?u={quote(url, safe='')}&e=pv", {"Origin": "https://a.org"})
    assert (answer.status, answer.body, answer.header("location")) == (302, b"", url)
    assert answer.header("cache-control") == (None if method == "POST" else NO_CACHE)
    assert answer.header("access-control-allow-origin") == "https://a.org"
    assert len([name for name, _ in answer.headers if name == "set-cookie"]) == 2
    (payload,) = rich.payloads(1)
    assert payload.path == "/r/tp2"
    assert payload.querystring == f"u={quote(url, safe='')}&e=pv"


@pytest.mark.contract("B.1/parameter-names")
def test_redirect_target_is_found_under_an_encoded_name(rich: Collector) -> None:
    answer = rich.request("GET", "/r/tp2?%75=https%3A%2F%2Fshop.example.org")
    assert (answer.status, answer.header("location")) == (302, "https://shop.example.org")
    rich.payloads(1)


@pytest.mark.contract("B.1/redirect-refused", "J/1")
@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "nonsense",
        "/path",
        "//shop.example.org/",
        "https://evil.org/",
        "https://shop.example.org.evil.org/",
        "https://evil.org/shop.example.org",
        "https://shop.example.org@evil.org/",
        "https://user@shop.example.org/",
        "https://evil.org\\@shop.example.org/",
        "https://evil.org#@shop.example.org/",
        "https://shop.example.org\r\nSet-Cookie: a=b",
        "https://shop.example.org/é",
        "javascript://shop.example.org/%0aalert(1)",
        "ftp://shop.example.org/",
        "https:shop.example.org",
        " https://shop.example.org",
    ],
)
def test_redirect_to_a_host_that_is_not_allowed_is_refused_and_recorded(rich: Collector, url: str | None) -> None:
    query = "e=pv" if url is None else f"e=pv&u={quote(url, safe='')}"
    answer = rich.request("GET", f"/r/tp2?{query}")
    assert (answer.status, answer.body, answer.header("location")) == (400, b"", None)
    (payload,) = rich.payloads(1)
    assert payload.querystring == query


@pytest.mark.contract("B.1/redirect-hosts")
def test_empty_redirect_domains_allow_no_host_and_a_star_allows_all(
    start_collector: StartCollector, bouncing: Collector
) -> None:
    closed = start_collector(enableDefaultRedirect=True)
    assert closed.request("GET", "/r/tp2?u=https%3A%2F%2Fanybody.org").status == 400
    answer = bouncing.request("GET", "/acme/redir?u=https%3A%2F%2Fanybody.org")
    assert (answer.status, answer.header("location")) == (302, "https://anybody.org")
    bouncing.payloads(1)


@pytest.mark.contract("B.1/mapped-redirect", "B.1/order")
def test_path_mapped_to_redirect_works_with_default_redirects_disabled(bouncing: Collector) -> None:
    for method in ("GET", "OPTIONS"):
        assert bouncing.request(method, "/r/tp2?u=https%3A%2F%2Fa.org").body == b"redirects disabled"
    assert bouncing.request("OPTIONS", "/acme/redir").status == 200
    assert bouncing.request("GET", "/acme/redir?u=https%3A%2F%2Fa.org").status == 302
    (payload,) = bouncing.payloads(1)
    assert payload.path == "/r/tp2"


@pytest.mark.contract("B.2/pairs-only")
def test_only_paths_of_two_segments_are_mapped(bouncing: Collector) -> None:
    assert bouncing.request("POST", "/a/b", None, b"{}").status == 200
    assert bouncing.request("GET", "/i?nuid=u").status == 200
    assert bouncing.request("GET", "/a/b/c?nuid=u").status == 404
    assert [payload.path for payload in bouncing.payloads(2)] == [TP2, "/i"]


@pytest.mark.contract("B.1/root", "B.3/hsts")
def test_root_response_is_the_configured_one(rich: Collector, bouncing: Collector) -> None:
    answer = rich.request("GET", "/")
    assert (answer.status, answer.header("x-tea"), answer.body) == (418, "pot", b"short and stout")
    assert answer.header("content-type") is None
    assert answer.header("access-control-allow-origin") is None
    assert rich.request("POST", "/").status == 404
    assert bouncing.request("GET", "/").status == 404


@pytest.mark.contract("B.1/crossdomain")
def test_crossdomain_policy_lists_the_configured_domains(rich: Collector) -> None:
    answer = rich.request("GET", "/crossdomain.xml")
    assert (answer.status, answer.header("content-type")) == (200, "text/xml")
    assert answer.body == (
        b'<?xml version="1.0"?>\n<cross-domain-policy>\n'
        b'<allow-access-from domain="*.example.org" secure="false" />\n'
        b'<allow-access-from domain="acme.com" secure="false" />\n</cross-domain-policy>'
    )


@pytest.mark.contract("B.3/hsts")
@pytest.mark.parametrize("target", ["/", "/health", "/nowhere", "/i?e=pv&x=|", "/r/tp2", "/i"])
def test_hsts_header_is_on_every_answer(rich: Collector, bouncing: Collector, target: str) -> None:
    request = f"GET {target} HTTP/1.1\r\nHost: h\r\nCookie: dnt=yes\r\nConnection: close\r\n\r\n".encode()
    assert b"\r\nStrict-Transport-Security: max-age=3600; includeSubDomains\r\n" in rich.raw(request)
    assert b"Strict-Transport-Security" not in bouncing.raw(request)


@pytest.mark.contract("B.3/hsts")
def test_hsts_header_is_on_protocol_errors_too(rich: Collector) -> None:
    assert b"\r\nStrict-Transport-Security: " in rich.raw(b"nonsense\r\n\r\n")


@pytest.mark.contract("B.3/max-age")
def test_negative_max_age_disables_caching_of_preflight_answers(rich: Collector) -> None:
    assert rich.request("OPTIONS", TP2).header("access-control-max-age") == "-1"


@pytest.mark.contract("B.5/client-cookie", "B.5/same-site-none", "B.5/domain-none")
def test_client_cookie_has_the_same_value_without_http_only(rich: Collector) -> None:
    answer = rich.request("GET", "/i?nuid=u-1")
    own, for_scripts = (value for name, value in answer.headers if name == "set-cookie")
    assert own.startswith("sp=u-1; Expires=")
    assert own.endswith("; Domain=example.org; Path=/; SameSite=None; Secure; HttpOnly")
    assert for_scripts == own.replace("sp=", "spjs=", 1).removesuffix("; HttpOnly")
    rich.payloads(1)


@pytest.mark.contract("B.6/do-not-track", "J/1")
@pytest.mark.parametrize(
    ("method", "target", "status", "body"),
    [("GET", "/i", 200, PIXEL), ("POST", TP2, 200, b"ok"), ("GET", "/r/tp2?u=https://shop.example.org", 302, b"")],
)
def test_do_not_track_request_is_answered_and_not_recorded(
    rich: Collector, method: str, target: str, status: int, body: bytes
) -> None:
    answer = rich.request(method, target, {"Cookie": "a=b; dnt=yes; sp=1"})
    assert (answer.status, answer.body, answer.header("set-cookie")) == (status, body, None)
    rich.request("GET", "/i?marker")
    (payload,) = rich.payloads(1)
    assert payload.querystring == "marker"


@pytest.mark.contract("B.6/do-not-track-whole")
@pytest.mark.parametrize("cookie", ["dnt=yesterday", "dnt=oh-yes", "xdnt=yes", "dnt=", "yes"])
def test_do_not_track_pattern_matches_the_whole_value(rich: Collector, cookie: str) -> None:
    assert rich.request("GET", "/i", {"Cookie": cookie}).status == 200
    rich.payloads(1)


@pytest.mark.contract("B.4/address-trust", "B.4/address-forwarded")
@pytest.mark.parametrize(
    ("forwarded", "address"),
    [("203.0.113.5, 198.51.100.1", "203.0.113.5"), ("2001:db8::1", "[2001:db8::1]"), ("203.0.113.5, x", "127.0.0.1")],
)
def test_with_any_proxy_trusted_the_first_address_counts(rich: Collector, forwarded: str, address: str) -> None:
    rich.request("GET", "/i", {"X-Forwarded-For": forwarded})
    (payload,) = rich.payloads(1)
    assert payload.ip_address == address


@pytest.mark.contract("B.1/timeout")
@pytest.mark.parametrize("sent", [b"GET /i HT", b"POST /a/b HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab"])
def test_request_that_does_not_end_in_time_is_408(rich: Collector, sent: bytes) -> None:
    assert rich.raw(sent).startswith(b"HTTP/1.1 408 ")


@pytest.mark.contract("B.6/bounce", "B.6/bounce-encoding", "B.3/cache-control", "J/1")
@pytest.mark.parametrize(
    ("target", "location"),
    [("/i", "/i?n3pc=true"), ("/i?e=pv&x=%20", "/i?e=pv&x=%20&n3pc=true"), (f"{TP2}?e=pv", f"{TP2}?e=pv&n3pc=true")],
)
def test_pixel_request_without_id_is_bounced(bouncing: Collector, target: str, location: str) -> None:
    before = len(bouncing.kinesis.records)
    answer = bouncing.request("GET", target, {"Origin": "https://a.org"})
    assert (answer.status, answer.body, answer.header("location")) == (302, b"", location)
    assert answer.header("cache-control") == NO_CACHE
    assert answer.header("access-control-allow-origin") == "https://a.org"
    user = answer.header("set-cookie").removeprefix("sp=").partition(";")[0]
    assert UUID(user).version == 4
    accepted = bouncing.request("GET", location, {"Cookie": f"sp={user}"})
    assert (accepted.status, accepted.body) == (200, PIXEL)
    (payload,) = bouncing.payloads(1)
    assert payload.network_user_id == user
    assert len(bouncing.kinesis.records) == before + 1


@pytest.mark.contract("B.6/bounce-second-leg")
def test_second_leg_without_cookie_has_the_fallback_id(bouncing: Collector) -> None:
    answer = bouncing.request("GET", "/i?n3pc=true")
    assert (answer.status, answer.body) == (200, PIXEL)
    (payload,) = bouncing.payloads(1)
    assert payload.network_user_id == "00000000-0000-4000-A000-000000000000"
    assert answer.header("set-cookie").startswith(f"sp={payload.network_user_id}; ")


@pytest.mark.contract("B.6/bounce-conditions")
@pytest.mark.parametrize(
    ("method", "target", "headers", "status"),
    [
        ("GET", "/i?nuid=u", {}, 200),
        ("GET", "/i", {"Cookie": "sp=u"}, 200),
        ("GET", "/i", {"SP-Anonymous": "*"}, 200),
        ("GET", "/i?xn3pcx", {}, 200),
        ("POST", TP2, {}, 200),
        ("GET", "/acme/redir?u=https%3A%2F%2Fa.org", {}, 302),
    ],
)
def test_other_requests_are_not_bounced(
    bouncing: Collector, method: str, target: str, headers: dict[str, str], status: int
) -> None:
    answer = bouncing.request(method, target, headers)
    assert answer.status == status
    assert "n3pc" not in (answer.header("location") or "")
    bouncing.payloads(1)


@pytest.mark.contract("B.6/bounce-scheme")
@pytest.mark.parametrize(
    ("target", "protocol", "location"),
    [
        ("http://c.org/i", "https", "https://c.org/i?n3pc=true"),
        ("https://c.org/i", "http", "http://c.org/i?n3pc=true"),
        ("http://c.org/i", "gopher", "http://c.org/i?n3pc=true"),
        ("/i?x=a:b", "https", "/i?x=a:b&n3pc=true"),
    ],
)
def test_bounce_location_has_the_forwarded_scheme(
    bouncing: Collector, target: str, protocol: str, location: str
) -> None:
    received = bouncing.raw(
        f"GET {target} HTTP/1.1\r\nHost: h\r\nX-Forwarded-Proto: {protocol}\r\nConnection: close\r\n\r\n".encode()
    )
    assert f"\r\nLocation: {location}\r\n".encode() in received


@pytest.mark.contract("B.4/key-address")
def test_partition_key_is_the_address_when_configured(start_collector: StartCollector) -> None:
    stream = {"region": "eu-west-1", "buffer": {"timeLimit": 20}}
    collector = start_collector(
        streams={
            "good": {"name": "good", **stream},
            "bad": {"name": "bad", **stream},
            "useIpAddressAsPartitionKey": True,
        }
    )
    collector.request("GET", "/i")
    collector.request("GET", "/i", {"SP-Anonymous": "*"})
    collector.payloads(2)
    known, unknown = (record.key for record in collector.kinesis.records)
    assert known == "127.0.0.1"
    assert UUID(unknown).version == 4


@pytest.mark.contract("B.1/sink-health", "B.9/health")
def test_sink_health_is_200_once_both_streams_take_records(start_collector: StartCollector) -> None:
    collector = start_collector(kinesis_is_up=False)
    answer = collector.request("GET", "/sink-health")
    assert (answer.status, answer.body, answer.header("content-type")) == (503, b"Service Unavailable", PLAIN)
    collector.kinesis.up()
    collector.request("GET", "/i")
    collector.payloads(1)
    collector.request("POST", TP2, None, b"x" * 1_100_000)  # the other stream's first record
    collector.kinesis.wait_for(1, "bad")
    collector.wait_for_answer("/sink-health", 200)
    assert collector.request("GET", "/sink-health").body == b"ok"


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="the machine has no IPv6")
@pytest.mark.parametrize("client", ["127.0.0.1", "::1"])
def test_interface_of_all_addresses_serves_both_versions_of_ip(start_collector: StartCollector, client: str) -> None:
    collector = start_collector(interface="::")
    with socket.create_connection((client, collector.port), timeout=120) as connection:
        connection.sendall(b"GET /i HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    (payload,) = collector.payloads(1)
    assert payload.ip_address.strip("[]") == client


@pytest.mark.contract("B.10/answers")
def test_every_answer_is_counted_by_its_class(start_collector: StartCollector) -> None:
    port = free_port()
    collector = start_collector(metrics={"port": port}, cookieBounce={"enabled": True})
    for target in ("/i?nuid=1", "/i", "/nowhere", "/r/x", "/health"):
        collector.request("GET", target)
    collector.raw(b"nonsense\r\n\r\n")
    wanted = {"2xx": 2, "3xx": 1, "4xx": 3, "5xx": 0}
    end, text = monotonic() + 120, ""
    while not all(f'responses_total{{status_bucket="{name}"}} {n}' in text for name, n in wanted.items()):
        assert monotonic() < end, text
        with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read().decode()
