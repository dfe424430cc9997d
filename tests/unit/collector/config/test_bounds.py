"""Whatever a configuration may say works for every request; what would not is refused when the file is read."""

import contextlib
from collections.abc import Callable
from typing import Any

import httptools
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collector.config import durations
from services.collector.config.file import convert
from services.collector.config.settings import Collector
from services.collector.http.connections import limits_of
from services.collector.request.messages import Request
from services.collector.routes.pages import hsts_line
from services.collector.routes.routing import Routes
from services.collector.sink.credentials import CredentialProvider
from services.collector.sink.kinesis import Kinesis

type MakeRequest = Callable[..., Request]

STREAM: dict[str, Any] = {"name": "s", "region": "eu-west-1"}
BASE: dict[str, Any] = {"interface": "::", "port": 1, "streams": {"good": STREAM, "bad": STREAM}}
DURATIONS = [
    "0 seconds", "1 ms", "100 ms", "1 second", "-1 seconds", "1 day", "365 days", "400 days", "36600 days",
    "3000000 days", "999999999 days", "2147483647 seconds", "2147483648 seconds", "-999999999 days",
]  # fmt: skip
TEXTS = ["", "a", "a\n", "a\r\nb: c", "é", "\x00", "\x7f", "a" * 5000, "::1", "a b", "a;b", ".", ".."]
NUMBERS = [-1, 0, 1, 80, 204, 205, 302, 304, 500, 599, 600, 65_535, 65_536, 1_048_576, 2**31, 2**63]
VALUES: dict[str, list[Any]] = {
    "cookie.expiration": DURATIONS, "hsts.maxAge": DURATIONS, "cors.accessControlMaxAge": DURATIONS,
    "networking.idleTimeout": DURATIONS, "networking.responseHeaderTimeout": DURATIONS,
    "networking.bodyReadTimeout": DURATIONS, "preTerminationPeriod": DURATIONS,
    "streams.good.startupCheckInterval": DURATIONS,
    "cookie.name": TEXTS, "cookie.clientCookieName": TEXTS, "cookie.fallbackDomain": TEXTS, "cookieBounce.name": TEXTS,
    "cookieBounce.forwardedProtocolHeader": TEXTS, "doNotTrackCookie.name": TEXTS, "interface": TEXTS,
    "rootResponse.body": TEXTS, "streams.good.name": TEXTS, "streams.good.region": TEXTS,
    "cookieBounce.fallbackNetworkUserId": [*TEXTS, "0" * 8 + "-0000" * 3 + "-" + "0" * 12 + "\n"],
    "cookie.domains": [[text] for text in TEXTS], "crossDomain.domains": [[text] for text in TEXTS],
    "redirectDomains": [[text] for text in TEXTS],
    "rootResponse.headers": [*({"X": text} for text in TEXTS), *({text: "x"} for text in TEXTS),
                             {"Content-Length": "5"}, {"content-length": "0"}, {"Transfer-Encoding": "chunked"},
                             {"Connection": "close"}, {"Date": "x"}, {str(n): "x" for n in range(65)}],
    "paths": [{"/a/b": f"/{text}/c"} for text in TEXTS] + [{f"/{text}/a": "/c/d"} for text in TEXTS],
    "doNotTrackCookie.value": [*TEXTS, "(", "(a+)+b", "\\u1234", "(?=a)", "\\N{DASH}", "a{1000}{1000}", "[[:alpha:]]"],
    "rootResponse.statusCode": NUMBERS, "networking.maxRequestLineLength": NUMBERS, "port": NUMBERS,
    "networking.maxHeadersLength": NUMBERS, "networking.maxPayloadSize": NUMBERS, "networking.dropPayloadSize": NUMBERS,
    "networking.maxConnections": NUMBERS, "streams.good.maxBytes": NUMBERS, "streams.good.buffer.byteLimit": NUMBERS,
    "streams.good.buffer.recordLimit": NUMBERS, "streams.good.buffer.timeLimit": NUMBERS,
    "streams.good.backoffPolicy.minBackoff": NUMBERS, "streams.good.backoffPolicy.maxBackoff": NUMBERS,
    "streams.good.backoffPolicy.maxRetries": NUMBERS,
    "streams.good.customEndpoint": ["http://h", "https://[::1", "http://h:99999", "http://:80", "http://h:0", "http://h\n",
                                    "http://[::1]:4566/", "http://-"],
    "enableDefaultRedirect": [True, False], "durable": [True, False],
    "networking.trustedProxies": ["any", [], ["10.0.0.0/8"], ["0.0.0.0/0", "::/0"], ["10.0.0.1/8"], ["x"]],
    "metrics.port": [1, 2],
}  # fmt: skip


def document(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the least configuration with the settings, whose keys are paths; what is enabled by a key is on."""
    collector: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(BASE))
    for section in ("rootResponse", "crossDomain", "hsts"):
        collector[section] = {"enable" if section == "hsts" else "enabled": True}
    for path, value in settings.items():
        *parents, key = path.split(".")
        inside = collector
        for parent in parents:
            inside = inside.setdefault(parent, {})
        inside[key] = value
        if parents == ["doNotTrackCookie"]:
            inside.update({"enabled": True}, name=inside.get("name", "dnt"))
        if parents == ["cookieBounce"]:
            inside["enabled"] = True
    return {"collector": collector}


def serve(config: Collector, make_request: MakeRequest) -> None:
    """Use every setting as a worker does, and hold each answer against HTTP's framing."""
    routes = Routes(config, lambda: True)
    line = hsts_line(config.hsts)
    cookies = f"{config.cookie.name}=id; {config.do_not_track_cookie.name}=a; dnt=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"
    for method, target in (
        ("GET", "/"), ("GET", "/i"), ("GET", "/i?n3pc"), ("POST", "/a/b"), ("GET", "/a/a"), ("OPTIONS", "/i"),
        ("GET", "/crossdomain.xml"), ("GET", "/r/tp2?u=http%3A%2F%2Fa"), ("GET", "/health"), ("PUT", "/"),
    ):  # fmt: skip
        for headers in (
            [("Cookie", cookies)],
            [("Origin", "http://a.org")],
            [("SP-Anonymous", "*"), ("Cookie", cookies)],
        ):
            answer = routes.answer(make_request(method, target, *headers))
            parsed = _Parsed()
            parsed.feed(answer.response.encode(line))
            assert parsed.messages == 1
    limits = limits_of(config.networking)
    assert min(limits.request_seconds, limits.body_seconds, limits.idle_seconds) > 0
    for stream in (config.streams.good, config.streams.bad):
        Kinesis(stream.custom_endpoint or "http://h", stream.region, CredentialProvider())


class _Parsed:
    """What a client makes of an answer: how many messages, of which one is to be."""

    def __init__(self) -> None:
        self.messages = 0
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self.messages += 1


@given(st.dictionaries(st.sampled_from(sorted(VALUES)), st.integers(0, 99), min_size=1, max_size=4))
def test_every_configuration_that_is_accepted_serves_every_request(
    make_request: MakeRequest, choices: dict[str, int]
) -> None:
    settings = {path: VALUES[path][choice % len(VALUES[path])] for path, choice in choices.items()}
    with contextlib.suppress(msgspec.ValidationError):
        serve(convert(document(settings)), make_request)


@pytest.mark.parametrize(
    ("path", "value"),
    [(path, value) for path, values in sorted(VALUES.items()) for value in values],
    ids=lambda value: ascii(value)[:40],
)
def test_each_value_alone_is_refused_or_serves_every_request(make_request: MakeRequest, path: str, value: Any) -> None:
    with contextlib.suppress(msgspec.ValidationError):
        serve(convert(document({path: value})), make_request)


@pytest.mark.parametrize(
    "settings",
    [
        {"cookie.expiration": "3000000 days"},
        {"cookie.expiration": "-1 seconds"},
        {"hsts.maxAge": "2147483648 seconds"},
        {"cors.accessControlMaxAge": "-2 seconds"},
        {"networking.idleTimeout": "0 seconds"},
        {"networking.responseHeaderTimeout": "0 seconds"},
        {"streams.good.startupCheckInterval": "0 seconds"},
        {"preTerminationPeriod": "1 day"},
        {"cookie.name": "sp\n"},
        {"cookie.domains": ["a.org\n"]},
        {"redirectDomains": ["a.org\n"]},
        {"rootResponse.headers": {"X": "y\n"}},
        {"rootResponse.headers": {"X\n": "y"}},
        {"rootResponse.headers": {"Content-Length": "5"}},
        {"rootResponse.headers": {"transfer-encoding": "chunked"}},
        {"rootResponse.statusCode": 204, "rootResponse.body": "x"},
        {"rootResponse.statusCode": 304, "rootResponse.body": "x"},
        {"doNotTrackCookie.value": "\\u1234"},
        {"doNotTrackCookie.value": "(?=a)"},
        {"streams.good.name": ".."},
        {"streams.good.customEndpoint": "https://[::1"},
        {"streams.good.customEndpoint": "http://h:99999"},
        {"metrics.port": 1},
        {"interface": "300.1.1.1"},
        {"interface": "a b"},
        {"spill.directory": "/a\x00b"},
        {"durable": True, "networking.responseHeaderTimeout": "5 seconds"},
        {"paths": {"/a/b": "/c/d\n"}},
    ],
    ids=str,
)
def test_setting_that_would_fail_requests_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        convert(document(settings))


@pytest.mark.parametrize(
    "settings",
    [
        {"cookie.expiration": "36600 days"},
        {"rootResponse.statusCode": 204},
        {"rootResponse.statusCode": 204, "rootResponse.headers": {"X": "y"}},
        {"networking.idleTimeout": "1 second"},
        {"streams.good.buffer.byteLimit": 1_000_000},
        {"durable": True, "streams.good.buffer.timeLimit": 29_999},
        {"interface": "collector.internal"},
    ],
    ids=str,
)
def test_setting_at_its_bound_is_accepted(make_request: MakeRequest, settings: dict[str, Any]) -> None:
    serve(convert(document(settings)), make_request)


def test_configured_pattern_takes_linear_time() -> None:
    config = convert(document({"doNotTrackCookie.value": "(a+)+b"}))
    assert config.do_not_track_cookie.value == "(a+)+b"
    routes = Routes(config, lambda: True)
    # Python's own engine takes longer than the universe is old.
    request = Request(b"GET", b"/i", b"192.0.2.7", [], {b"cookie": b"dnt=" + b"a" * 30_000})
    assert routes.answer(request).record is not None


def test_bound_of_a_duration_is_rendered_in_whole_units() -> None:
    with pytest.raises(ValueError, match="between 100 milliseconds and 1 days"):
        durations.parse(durations.Timeout, "1 ms")
