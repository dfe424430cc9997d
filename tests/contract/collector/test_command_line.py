"""The command line: what it prints about a build and a configuration, and its exit codes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.collector.errors import Failure

ROOT = Path(__file__).resolve().parents[3]
STREAM = {"name": "s", "region": "eu-west-1"}
VALID = {"interface": "::", "port": 1, "streams": {"good": STREAM, "bad": STREAM}, "hsts": {"enable": True}, "p3p": {}}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.collector", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)


def write(tmp_path: Path, collector: object) -> str:
    file = tmp_path / "collector.json"
    file.write_text(json.dumps({"collector": collector}))
    return str(file)


def test_version_shows_the_build() -> None:
    answer = run("--version")
    assert answer.returncode == 0
    assert re.match(r"snowveil-collector-[0-9.]+-kinesis\nPython 3\.13\.\d+ on \S+, httptools [0-9.]+, ", answer.stdout)


def test_version_shows_the_configuration_that_is_given(tmp_path: Path) -> None:
    answer = run("--version", "--config", write(tmp_path, VALID))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "snowveil-collector" in answer.stdout
    assert "valid, SHA-256 " in answer.stdout


def test_valid_configuration_is_described_and_exits_0(tmp_path: Path) -> None:
    file = write(tmp_path, VALID)
    answer = run("--check-config", file)
    assert (answer.returncode, answer.stderr) == (0, "")
    first, serves, switched_on, unused = answer.stdout.splitlines()
    assert re.fullmatch(rf"{re.escape(file)}: valid, SHA-256 [0-9a-f]{{64}}", first)
    assert serves == "  serves :::1, writes s and s"
    assert switched_on == "  on: cookie, HSTS"
    assert unused == "  asks for nothing here: p3p"


@pytest.mark.contract("B.11/refusals")
@pytest.mark.parametrize("option", ["--check-config", "--config"])
def test_wrong_configuration_is_one_line_with_file_place_and_remedy_and_exits_2(tmp_path: Path, option: str) -> None:
    file = write(tmp_path, {**VALID, "cookie": {"domain": ["a.org"]}})
    answer = run(option, file)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == (
        f'{file}: $.collector.cookie: Object contains unknown field "domain": correct it (--help shows an example)\n'
    )


def test_spill_directory_that_takes_no_files_exits_2_before_anything_is_served(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    file = write(tmp_path, {**VALID, "spill": {"directory": str(tmp_path / "taken")}})
    for option in ("--check-config", "--config"):
        answer = run(option, file)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert answer.stderr.startswith(f"{file}: $.collector.spill.directory: {tmp_path}/taken takes no files (")


@pytest.mark.contract("B.11/from-snowplow", "B.11/hocon")
def test_configuration_of_snowplows_is_compared_and_translated(tmp_path: Path) -> None:
    file = tmp_path / "config.hocon"
    stream = "{ name = s, region = eu-west-1, buffer { byteLimit = 1000000 } }"
    file.write_text(
        "collector { license.accept = yes, interface = 0.0.0.0, port = 8080, unknown = 1\n"
        f'cookie {{ sameSite = "none", fallbackDomain = "" }}\nstreams {{ good {stream}, bad {stream} }} }}'
    )
    answer = run("--check-config", "--from-snowplow", str(file))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.splitlines() == [
        f"{file}: 0 stops the start",
        f"{file}: 2 changes behaviour",
        '  cookie.expiration: is 90 days when left out; Snowplow: "365 days"',
        (
            "  networking.trustedProxies: X-Forwarded-For counts from private networks only, and is not recorded; "
            'Snowplow believes anybody: "any"'
        ),
        f"{file}: 3 has no effect",
        "  license: is read and asks for nothing here",
        "  telemetry.disable: nothing is sent to anybody",
        "  unknown: is unknown here, as to Snowplow's collector",
    ]
    translated = run("--from-snowplow", str(file))
    assert (translated.returncode, translated.stderr) == (0, "")
    ours = tmp_path / "collector.json"
    ours.write_text(translated.stdout)
    assert run("--check-config", str(ours)).returncode == 0


def test_snowplow_configuration_that_would_stop_the_start_exits_2(tmp_path: Path) -> None:
    file = tmp_path / "config.hocon"
    file.write_text("collector { ssl.enable = true }")
    for options in (["--check-config", "--from-snowplow"], ["--from-snowplow"]):
        answer = run(*options, str(file))
        assert answer.returncode == 2
        assert "ssl.enable: is refused" in answer.stdout + answer.stderr


def test_check_config_without_a_file_is_a_wrong_command_line() -> None:
    answer = run("--check-config")
    assert answer.returncode == 2
    assert "--from-snowplow FILE" in answer.stderr


def test_every_failure_has_its_exit_code_in_the_help() -> None:
    text = " ".join(run("--help").stdout.split())
    for failure in Failure:
        assert failure.exit_code == 0 or re.search(rf"(: |, ){failure.exit_code} [a-z]", text)
