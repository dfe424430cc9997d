import json
import re
from pathlib import Path

import msgspec
import pytest

from services.collector import NAME, PROCESSOR
from services.collector.config import Cookie
from services.collector.config_file import ConfigError, load
from services.collector.durations import Seconds, SignedSeconds

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
    assert config.cors.access_control_max_age == SignedSeconds(3600)
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
        enabled=False, name="gl", expiration=Seconds(86400), domains=("a.org",), fallback_domain="b.org", secure=False,
        http_only=False, same_site="Lax",
    )  # fmt: skip
    assert (read.interface, read.port, read.paths) == ("127.0.0.1", 80, config["paths"])
    assert (read.networking.max_payload_size, read.networking.drop_payload_size) == (1000, 2000)
    assert (read.cors.access_control_max_age, read.pre_termination_period) == (SignedSeconds(300), Seconds(2))


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
        ("1d", 86400),
    ],
)
def test_durations(tmp_path: Path, text: str, seconds: float) -> None:
    file = tmp_path / "collector.json"
    file.write_text(f'{{"collector": {{"interface": "::", "port": 1, "preTerminationPeriod": "{text}", {STREAMS}}}}}')
    assert load(file).pre_termination_period == pytest.approx(seconds)


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
        (f'{START}, {STREAMS}, "cookie": {{"sameSite": "none"}}', "$.collector.cookie.sameSite: Invalid enum value"),
        (f'{START}, {STREAMS}, "paths": {{"/a/b": "/tp2"}}', "$.collector.paths[...]: Expected"),
    ],
)
def test_a_refusal_is_one_line_that_names_file_place_and_remedy(tmp_path: Path, members: str, defect: str) -> None:
    message = read(tmp_path, members)
    assert message.startswith(f"collector.json: {defect}")
    assert message.endswith(": correct it (--help shows an example)")
    assert "\n" not in message


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"collector": {"interface": "\xff"}}'])
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "collector.json"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"collector\.json: .*must be one JSON object"):
        load(file)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.json: cannot be read \(No such file or directory\)"):
        load(tmp_path / "absent.json")


def test_the_names_fit_the_published_schemas() -> None:
    assert len(NAME) <= 32
    assert len(PROCESSOR.artifact) <= 32
    assert re.fullmatch(r"snowveil-collector-[0-9.]+-kinesis", NAME)
