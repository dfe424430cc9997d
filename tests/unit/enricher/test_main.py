"""The program from outside: exit codes, what it says, and what it never says."""

import gzip
import json
import logging
import re
import signal
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from services.enricher import __main__ as enricher
from services.enricher import config as program_config
from services.enricher import program
from services.enricher.errors import Failure
from services.enricher.kinesis.sink import KinesisSink
from services.enricher.support import aws
from tests.fixtures.enricher import SP, get
from tests.fixtures.enrichments import UA_PARSER, configuration, fingerprint, write
from tests.fixtures.kinesis_stand_in import KinesisStandIn
from tests.unit.enricher.processing.test_pipeline import OneBatch
from wire.collector_payload import encode

ROOT = Path(__file__).parents[3]
CANARY = "alice@example.org"


def config(tmp_path: Path, registry: str = "schemas") -> Path:
    file = tmp_path / "enricher.json"
    settings = {
        "input": {
            "streamName": "raw-good", "region": "eu-west-1", "appName": "leases",
            "initialPosition": {"type": "TRIM_HORIZON"},
            "retrievalMode": {"type": "Polling", "maxRecords": 10, "idleTimeBetweenReads": "1 second"},
        },
        "output": {
            "good": {"streamName": "good", "region": "eu-west-1", "maxRecordSize": 1000000},
            "bad": {"streamName": "bad", "region": "eu-west-1"},
        },
        "iglu": {"registry": registry},
    }  # fmt: skip
    file.write_text(json.dumps(settings))
    return file


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "services.enricher", *arguments],
        cwd=ROOT,
        env={"PATH": "", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", **environment},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_help_has_an_example() -> None:
    process = start("--help")
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "example: python -m services.enricher --config" in out


@pytest.mark.parametrize("registry", ["missing", None])
def test_a_wrong_configuration_is_one_line_and_exit_code_2(tmp_path: Path, registry: str | None) -> None:
    file = config(tmp_path, registry) if registry else tmp_path / "missing.json"
    process = start("--config", str(file))
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert err.startswith("enricher: ")
    assert err.count("\n") == 1


def test_all_enrichments_that_stop_the_start_are_said_at_once(tmp_path: Path) -> None:
    wrong = configuration(SP, "anon_ip", "1-1-0", {})
    directory = write(tmp_path / "enrichments", wrong, UA_PARSER, fingerprint("", algorithm="x"))
    file = config(tmp_path)
    file.write_text(json.dumps(json.loads(file.read_text()) | {"enrichments": str(directory)}))
    process = start("--config", str(file), "--check-config")
    _, err = process.communicate(timeout=30)
    assert process.returncode == 2
    first, second = err.splitlines()
    assert first.startswith(f"enricher: {directory}/0-anon_ip.json: schema: ")
    assert second.startswith(
        f"enricher: {directory}/2-event_fingerprint_config.json: $.data.parameters.hashAlgorithm: "
    )


def test_help_says_what_each_exit_code_means() -> None:
    process = start("--help")
    out, _ = process.communicate(timeout=30)
    codes = out.partition("exit codes: ")[2]
    assert all(re.search(rf"(^|, |\n){failure.exit_code} ", codes) for failure in Failure)


def test_sigterm_while_aws_is_out_of_reach_is_a_stop_in_order(tmp_path: Path) -> None:
    with KinesisStandIn() as down:
        endpoint = down.endpoint
    process = start("--config", str(config(tmp_path)), AWS_ENDPOINT_URL=endpoint)
    assert process.stderr is not None
    line = ""
    while "trying again" not in line:
        line = process.stderr.readline()
        assert line, "it ended"
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err


def test_an_answer_that_refuses_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    process = start("--config", str(config(tmp_path)), AWS_ENDPOINT_URL="http://127.0.0.1:1", AWS_PROFILE="missing")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Traceback" not in err


def test_no_log_line_holds_an_event_even_when_everything_logs_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    for name in ("", "boto3", "botocore", "urllib3"):  # another test may have configured logging
        caplog.set_level(logging.DEBUG, logger=name)
    with KinesisStandIn() as kinesis:
        client = boto3.client(
            "kinesis", region_name="eu-west-1", endpoint_url=kinesis.endpoint,
            aws_access_key_id="x", aws_secret_access_key="x", config=aws.CLIENT_CONFIG,
        )  # fmt: skip
        KinesisSink("good", client).write([CANARY.encode()])
        assert "YWxpY2VAZXhhbXBsZS5vcmc" in caplog.text, "botocore no longer logs requests: this test is void"
        caplog.clear()
        program.configure_logging()
        KinesisSink("good", client).write([CANARY.encode()])
    assert "YWxpY2VAZXhhbXBsZS5vcmc" not in caplog.text
    assert CANARY not in caplog.text


def test_every_setting_of_outputs_and_limits_reaches_what_it_is_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = config(tmp_path)
    settings = json.loads(file.read_text())
    settings["output"]["good"]["partitionKey"] = "app_id"
    settings["output"]["failed"] = {
        "streamName": "failed", "region": "eu-west-1", "partitionKey": "platform", "maxRecordSize": 5000,
    }  # fmt: skip
    settings["validation"] = {"acceptInvalid": True, "atomicFieldsLimits": {"page_title": 1}, "maxJsonDepth": 8}
    settings["decompression"] = {"maxBytesSinglePayload": 1000, "maxBytesInBatch": 1}
    file.write_text(json.dumps(settings))
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    long = encode(get(page="x" * 1000))
    records = [
        encode(get(aid="shop", page="ab")),
        encode(get(tid="x")),
        encode(get(tid="x", page="x" * 5000)),
        encode(get(co="[" * 9 + "]" * 9)),
        gzip.compress(b"\x01\x01" + len(long).to_bytes(4, "big") + long),
    ]
    with KinesisStandIn() as kinesis:
        monkeypatch.setenv("AWS_ENDPOINT_URL", kinesis.endpoint)
        program.process(program_config.load(file), OneBatch(records, []))
    assert len(kinesis.of("good")) == 1
    assert [record.key for record in kinesis.records if record.stream in {"good", "failed"}] == ["shop", "web", "web"]
    _, _, too_deep, too_large = map(json.loads, kinesis.of("bad"))
    assert too_deep["data"]["failure"]["messages"][0]["error"] == "invalid json: maximum allowed JSON depth exceeded"
    assert too_large["data"]["failure"]["maximumAllowedSizeBytes"] == 1000


def test_a_bug_outside_a_record_is_named_by_its_place_alone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(program, "process", broken)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.chdir(ROOT)
    assert enricher.main(["--config", str(config(tmp_path))]) == 1
    err = capsys.readouterr().err
    assert "bug: ValueError at " in err
    assert CANARY not in err + caplog.text
