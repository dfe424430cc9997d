import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.collector import NAME, PROCESSOR
from services.collector.config import settings as configuration
from services.collector.config.durations import CookieLife, Seconds, SignedDeltaSeconds
from services.collector.config.file import load, unused
from services.collector.config.settings import Cookie
from services.collector.errors import ConfigError

STREAMS = '"streams": {"good": {"name": "good", "region": "eu-west-1"}, "bad": {"name": "bad", "region": "eu-west-1"}}'


def read(tmp_path: Path, members: str) -> str:
    """Load `{"collector": {<members>}}` and return the error's text without the directory."""
    file = tmp_path / "collector.json"
    file.write_text(f'{{"collector": {{{members}}}}}')
    with pytest.raises(ConfigError) as caught:
        load(file)
    return str(caught.value).replace(f"{tmp_path}/", "")


@pytest.mark.contract("B.11/keys")
def test_defaults_are_snowplows_but_for_the_safer_ones(tmp_path: Path) -> None:
    file = tmp_path / "collector.json"
    file.write_text(f'{{"collector": {{"interface": "0.0.0.0", "port": 8080, {STREAMS}}}}}')
    config = load(file)
    assert (config.cookie.name, config.cookie.same_site) == ("sp", "None")
    assert config.cookie.expiration == Seconds(90 * 86400)
    assert (config.redirect_domains, config.networking.trusted_proxies[0]) == ((), "10.0.0.0/8")
    assert (config.cookie.enabled, config.cookie.secure, config.cookie.http_only) == (True, True, True)
    assert (config.networking.max_payload_size, config.networking.drop_payload_size) == (1_048_576, 2_097_152)
    assert config.streams.good.max_bytes == 1_000_000
    buffer = config.streams.good.buffer
    assert (buffer.byte_limit, buffer.record_limit, buffer.time_limit) == (3_145_728, 500, 5000)
    assert config.cors.access_control_max_age == SignedDeltaSeconds(3600)
    assert config.pre_termination_period == Seconds(10)


@pytest.mark.contract("B.11/keys")
def test_every_key_is_read(tmp_path: Path) -> None:
    stream = {"name": "s", "region": "eu-west-1", "maxBytes": 900_000}
    buffer = {"byteLimit": 2_000_000, "recordLimit": 100, "timeLimit": 500}
    cookie = {"enabled": False, "name": "gl", "expiration": "1 day", "domains": ["a.org"], "fallbackDomain": "b.org"}
    config = {
        "interface": "127.0.0.1",
        "port": 80,
        "cookie": {**cookie, "secure": False, "httpOnly": False, "sameSite": "Lax"},
        "cors": {"accessControlMaxAge": "5 minutes"},
        "paths": {"/com.acme/track": "/com.snowplowanalytics.snowplow/tp2"},
        "networking": {"maxPayloadSize": 1000, "dropPayloadSize": 2000},
        "streams": {"good": {**stream, "buffer": buffer}, "bad": stream},
        "preTerminationPeriod": "2 seconds",
    }
    file = tmp_path / "collector.json"
    file.write_text(json.dumps({"collector": config}))
    read = load(file)
    good = read.streams.good
    assert (good.name, good.region, good.max_bytes) == ("s", "eu-west-1", 900_000)
    assert msgspec.to_builtins(good.buffer) == buffer
    assert read.cookie == Cookie(
        enabled=False, name="gl", expiration=CookieLife(86400), domains=("a.org",), fallback_domain="b.org",
        secure=False, http_only=False, same_site="Lax",
    )  # fmt: skip
    assert (read.interface, read.port, read.paths) == ("127.0.0.1", 80, config["paths"])
    assert (read.networking.max_payload_size, read.networking.drop_payload_size) == (1000, 2000)
    assert (read.cors.access_control_max_age, read.pre_termination_period) == (SignedDeltaSeconds(300), Seconds(2))


@pytest.mark.contract("B.11/durations")
@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10 seconds", 10),
        ("1 second", 1),
        ("5s", 5),
        ("100 milliseconds", 0.1),
        ("100 ms", 0.1),
        ("60 minutes", 3600),
        ("2 m", 120),
        ("3 hours", 10800),
        ("365 days", 31536000),
        ("2 hours", 7200),
        ("500 millis", 0.5),
        ("1d", 86400),
    ],
)
def test_duration_has_the_units_of_hocon(tmp_path: Path, text: str, seconds: float) -> None:
    file = tmp_path / "collector.json"
    file.write_text(f'{{"collector": {{"interface": "::", "port": 1, "hsts": {{"maxAge": "{text}"}}, {STREAMS}}}}}')
    assert load(file).hsts.max_age == pytest.approx(seconds)


START = '"interface": "::", "port": 1'


@pytest.mark.contract("B.11/refusals")
@pytest.mark.parametrize(
    ("members", "defect"),
    [
        (START, '$.collector: Object missing required field "streams"'),
        (
            START + ', "streams": {"good": {"region": "eu-west-1"}, "bad": {"name": "bad", "region": "eu-west-1"}}',
            '$.collector.streams.good: Object missing required field "name"',
        ),
        (f'{START}, {STREAMS}, "prot": 1', '$.collector: Object contains unknown field "prot"'),
        (f'"interface": "::", "port": "80", {STREAMS}', '$.collector.port: Expected "int", got "str"'),
        (f'{START}, {STREAMS}, "preTerminationPeriod": 10', "$.collector.preTerminationPeriod: Expected a duration"),
        (f'{START}, {STREAMS}, "cookie": {{"expiration": "1 year"}}', "$.collector.cookie.expiration: Expected a dura"),
        (f'{START}, {STREAMS}, "cookie": {{"name": "a;b"}}', "$.collector.cookie.name: Expected"),
        (f'{START}, {STREAMS}, "cookie": {{"domains": ["a\\r\\nb"]}}', "$.collector.cookie.domains[0]: Expected"),
        (f'{START}, {STREAMS}, "cookie": {{"sameSite": "any"}}', "$.collector.cookie.sameSite: Invalid enum value"),
        (f'{START}, {STREAMS}, "paths": {{"/a/b": "/tp2"}}', "$.collector.paths[...]: Expected"),
    ],
)
def test_refusal_is_one_line_that_names_file_place_and_remedy(tmp_path: Path, members: str, defect: str) -> None:
    message = read(tmp_path, members)
    assert message.startswith(f"collector.json: {defect}")
    assert message.endswith(": correct it (--help shows an example)")
    assert "\n" not in message


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"collector": {"interface": "\xff"}}'])
def test_file_that_is_not_json_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "collector.json"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"collector\.json: .*must be one JSON object"):
        load(file)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.json: cannot be read \(No such file or directory\)"):
        load(tmp_path / "absent.json")


def test_collector_name_fits_the_published_schemas() -> None:
    assert len(NAME) <= 32
    assert len(PROCESSOR.artifact) <= 32
    assert re.fullmatch(r"snowveil-collector-[0-9.]+-kinesis", NAME)


# docs/reference/wire-contract.md, B.11 Configuration: every key, with Snowplow's default or the safer one.
EVERY_KEY: dict[str, Any] = {
    "license": {"accept": True},
    "interface": "0.0.0.0",  # noqa: S104  # an example of a file
    "port": 8080,
    "paths": {"/com.acme/track": "/com.snowplowanalytics.snowplow/tp2", "/com.acme/redirect": "/r/tp2"},
    "p3p": {"policyRef": "/w3c/p3p.xml", "CP": "NOI DSP COR NID PSA OUR IND COM NAV STA"},
    "crossDomain": {"enabled": False, "domains": ["*"], "secure": True},
    "cookie": {
        "enabled": True, "expiration": "365 days", "name": "sp", "domains": ["acme.com"],
        "fallbackDomain": "b.org", "secure": True, "httpOnly": True, "sameSite": "None", "clientCookieName": "spjs",
    },
    "doNotTrackCookie": {"enabled": False, "name": "", "value": ""},
    "cookieBounce": {
        "enabled": False, "name": "n3pc", "fallbackNetworkUserId": "00000000-0000-4000-A000-000000000000",
        "forwardedProtocolHeader": "X-Forwarded-Proto",
    },
    "redirectMacro": {"enabled": False, "placeholder": "[TOKEN]"},
    "rootResponse": {"enabled": False, "statusCode": 302, "headers": {"Location": "https://a.org/"}, "body": "round"},
    "cors": {"accessControlMaxAge": "60 minutes"},
    "telemetry": {
        "disable": True, "interval": "60 minutes", "method": "POST", "url": "telemetry-g.snowplowanalytics.com",
        "port": 443, "secure": True, "userProvidedId": "a", "moduleName": "b", "moduleVersion": "c",
        "instanceId": "d", "autoGeneratedId": "e",
    },
    "monitoring": {
        "metrics": {
            "statsd": {
                "enabled": False, "hostname": "localhost", "port": 8125, "period": "10 seconds",
                "prefix": "snowplow.collector", "tags": {"app": "collector"},
            }
        }
    },
    "ssl": {"enable": False, "redirect": False, "port": 443},
    "hsts": {"enable": False, "maxAge": "365 days"},
    "networking": {
        "maxConnections": 1024, "idleTimeout": "610 seconds", "responseHeaderTimeout": "30 seconds",
        "bodyReadTimeout": "25 seconds",
        "maxRequestLineLength": 20480, "maxHeadersLength": 40960, "maxPayloadSize": 1048576, "dropPayloadSize": 2097152,
    },
    "enableDefaultRedirect": False,
    "redirectDomains": ["acme.com"],
    "preTerminationPeriod": "10 seconds",
}  # fmt: skip
STREAM: dict[str, Any] = {
    "region": "eu-central-1", "threadPoolSize": 10, "aws": {"accessKey": "iam", "secretKey": "iam"},
    "maxBytes": 1000000, "sqsMaxBytes": 192000, "startupCheckInterval": "1 second", "customEndpoint": "http://localhost:4566",
    "backoffPolicy": {"minBackoff": 500, "maxBackoff": 1500, "maxRetries": 3},
}  # fmt: skip
BUFFER = {"byteLimit": 3145728, "recordLimit": 500, "timeLimit": 5000}
IP_KEY = {"useIpAddressAsPartitionKey": False}


def write(tmp_path: Path, streams: object) -> Path:
    file = tmp_path / "collector.json"
    file.write_text(json.dumps({"collector": {**EVERY_KEY, "streams": streams}}))
    return file


@pytest.mark.contract("B.11/keys")
def test_file_with_every_key_of_snowplows_is_read(tmp_path: Path) -> None:
    good, bad = ({"name": name, **STREAM, "buffer": BUFFER} for name in ("good", "bad"))
    file = write(tmp_path, {"good": good, "bad": bad, **IP_KEY})
    config = load(file)
    assert (config.streams.good.custom_endpoint, config.cookie.client_cookie_name) == ("http://localhost:4566", "spjs")
    assert unused(file) == [
        "license", "p3p", "redirectMacro", "telemetry", "ssl", "monitoring",
        *(f"streams.{name}.{key}" for name in ("good", "bad") for key in ("aws", "sqsMaxBytes", "threadPoolSize")),
    ]  # fmt: skip


@pytest.mark.contract("B.11/older-style")
def test_older_style_of_streams_is_the_same(tmp_path: Path) -> None:
    new = load(write(tmp_path, {n: {"name": n, **STREAM, "buffer": BUFFER} for n in ("good", "bad")} | IP_KEY))
    sink = {"enabled": "kinesis", **STREAM}
    old = load(write(tmp_path, {"good": "good", "bad": "bad", "sink": sink, "buffer": BUFFER, **IP_KEY}))
    assert old == new


@pytest.mark.contract("B.11/keys")
def test_every_default_is_snowplows(tmp_path: Path) -> None:
    file = tmp_path / "collector.json"
    file.write_text(f'{{"collector": {{{START}, {STREAMS}}}}}')
    config = load(file)
    bounce, root, networking = config.cookie_bounce, config.root_response, config.networking
    assert (bounce.enabled, bounce.name, bounce.forwarded_protocol_header) == (False, "n3pc", None)
    assert bounce.fallback_network_user_id == "00000000-0000-4000-A000-000000000000"
    assert (root.enabled, root.status_code, root.headers, root.body) == (False, 302, {}, "")
    assert (config.cross_domain.enabled, config.cross_domain.domains, config.cross_domain.secure) == (
        False,
        ("*",),
        True,
    )
    assert (config.hsts.enable, config.hsts.max_age) == (False, Seconds(365 * 86400))
    assert (networking.max_connections, networking.idle_timeout) == (1024, Seconds(610))
    assert (networking.response_header_timeout, networking.max_request_line_length) == (Seconds(30), 20_480)
    assert networking.max_headers_length == 40_960
    assert (config.enable_default_redirect, config.streams.use_ip_address_as_partition_key) == (False, False)
    assert (config.cookie.client_cookie_name, config.do_not_track_cookie.enabled) == (None, False)
    backoff = config.streams.good.backoff_policy
    assert (backoff.min_backoff, backoff.max_backoff, backoff.max_retries) == (500, 1500, 3)
    assert config.streams.good.startup_check_interval == Seconds(1)


@pytest.mark.contract("B.11/refusals")
@pytest.mark.parametrize(
    ("members", "defect"),
    [
        ('"ssl": {"enable": true}', "$.collector.ssl.enable: "),
        ('"monitoring": {"metrics": {"statsd": {"enabled": true}}}', "$.collector.monitoring.metrics.statsd.enabled: "),
        ('"doNotTrackCookie": {"enabled": true}', "$.collector.doNotTrackCookie: doNotTrackCookie.enabled needs"),
        ('"doNotTrackCookie": {"value": "("}', "$.collector.doNotTrackCookie: doNotTrackCookie.value is not a regular"),
        ('"networking": {"trustedProxies": ["10.0.0.1/8"]}', "$.collector.networking: networking.trustedProxies: "),
        ('"networking": {"trustedProxies": "all"}', "$.collector.networking.trustedProxies: "),
        ('"redirectDomains": ["https://a.org"]', "$.collector.redirectDomains[0]: "),
        ('"rootResponse": {"headers": {"A": "b\\r\\nC: d"}}', "$.collector.rootResponse.headers[...]: "),
        ('"rootResponse": {"headers": {"A:": "b"}}', "key in $.collector.rootResponse.headers"),
        ('"cors": {"accessControlMaxAge": 60}', "$.collector.cors.accessControlMaxAge: Expected a duration"),
        ('"hsts": {"maxAge": "-1 days"}', "$.collector.hsts.maxAge: Expected a duration between 0 seconds and"),
        ('"streams": {"good": "a", "bad": "b", "sink": {"region": "eu-west-1", "sqsGoodBuffer": "q"}}',
         '$.collector.streams.good: Object contains unknown field "sqsGoodBuffer"'),
        ('"streams": {"good": {"name": "a", "region": "eu-west-1", "aws": {"accessKey": "AKIA"}}, "bad": "b"}',
         "$.collector.streams.good.aws.accessKey: "),
    ],
)  # fmt: skip
def test_what_would_be_dangerous_or_useless_is_refused(tmp_path: Path, members: str, defect: str) -> None:
    streams = "" if '"streams"' in members else f", {STREAMS}"
    message = read(tmp_path, f"{START}, {members}{streams}")
    assert message.startswith(f"collector.json: {defect}")
    assert "AKIA" not in message
    assert "\n" not in message


def test_every_key_is_in_the_reference() -> None:
    reference = (Path(__file__).parents[4] / "docs/collector.md").read_text()
    keys = {
        field.encode_name
        for section in vars(configuration).values()
        if isinstance(section, type) and issubclass(section, msgspec.Struct)
        for field in msgspec.structs.fields(section)
    }
    assert keys > {"redirectDomains", "trustedProxies", "timeLimit"}
    assert {key for key in keys if re.search(rf"[`.]{key}[`.]", reference) is None} == set()
