"""The function as Lambda calls it: environment, key, batch, quarantine, log."""

import base64
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lambda_src.pseudonymizer import handler, key
from lambda_src.pseudonymizer.delivery import batch
from lambda_src.pseudonymizer.errors import PseudonymizerError
from lambda_src.pseudonymizer.formats import enriched_event
from lambda_src.pseudonymizer.policy import policy
from lambda_src.pseudonymizer.pseudonym import pseudonym_function
from lambda_src.pseudonymizer.transform import bound_policy
from scripts.rehearsal.canaries import Canaries
from tests.contract.pseudonymizer.aws_stand_in import Aws
from tests.unit.pseudonymizer.samples import (
    CONTEXTS,
    KEY,
    PAGE_VIEW,
    POLICY_FILE,
    STANDARD,
    cells_of,
    dump,
    pseudonym,
    record,
    wrap,
)  # fmt: skip

KMS_KEY = "arn:aws:kms:eu-west-1:000000000000:key/quarantine"
LAMBDA_RESPONSE_LIMIT = 6 * 1024 * 1024


def secret(content: bytes = KEY, key_id: str = "k1") -> str:
    return json.dumps({"key_id": key_id, "key": base64.b64encode(content).decode()})


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    aws = Aws(secret=secret())
    environment = {
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "DELIVERY": "output",
        "KEY_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:000000000000:secret:snowplow-pseudonym-key",
        "QUARANTINE_BUCKET": "snowplow-quarantine",
        "QUARANTINE_KMS_KEY_ARN": KMS_KEY,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    handler._pseudonymizer.cache_clear()
    yield aws
    aws.stop()
    logging.disable(logging.NOTSET)


def event(*records: bytes) -> Any:
    return {
        "invocationId": "1",
        "records": [
            {
                "recordId": f"r{number}",
                "approximateArrivalTimestamp": 1_767_323_045_678,
                "data": base64.b64encode(each).decode(),
            }
            for number, each in enumerate(records)
        ],
    }


def call(*records: bytes) -> list[Any]:
    return list(handler.handle(event(*records), None)["records"])


def metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    document = json.loads(lines[0])
    assert isinstance(document, dict)
    return document


def test_a_batch_is_answered_record_by_record_each_line_ended(aws: Aws) -> None:
    good = record(**PAGE_VIEW)
    answers = call(good, b"no event", good)
    assert [(each["recordId"], each["result"]) for each in answers] == [("r0", "Ok"), ("r1", "Dropped"), ("r2", "Ok")]
    line = base64.b64decode(answers[0]["data"]).decode()
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert cells_of(line[:-1])["user_id"] == pseudonym(PAGE_VIEW["user_id"], "user")
    assert answers[0]["data"] == answers[2]["data"]
    assert len(aws.objects) == 1


def test_no_value_is_remembered_when_the_batch_is_answered(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bound_policy.Plan] = []
    make = bound_policy.make

    def noted(rules: policy.Policy, ring: Sequence[bytes]) -> bound_policy.Plan:
        made.append(make(rules, ring))
        return made[-1]

    monkeypatch.setattr(bound_policy, "make", noted)
    answers = call(record(**PAGE_VIEW), b"no event")
    assert [each["result"] for each in answers] == ["Ok", "Dropped"]
    assert len(aws.objects) == 1
    (bound,) = made
    assert bound.actions.counts.pseudonymized > 0
    assert bound.actions.remembered == 0


def test_the_quarantine_holds_the_original_encrypted_with_its_own_key(aws: Aws) -> None:
    original = b"\xff\x00 alice@example.com"
    call(original)
    ((path, body),) = aws.objects.items()
    assert path.startswith("/snowplow-quarantine/quarantine/output/")
    assert path.endswith(".json")
    stored = json.loads(body)
    assert base64.b64decode(stored.pop("data")) == original
    assert stored == {
        "delivery": "output",
        "recordId": "r0",
        "reason": "not-utf8",
        "approximateArrivalTimestamp": 1_767_323_045_678,
    }
    assert aws.headers[0]["x-amz-server-side-encryption"] == "aws:kms"
    assert aws.headers[0]["x-amz-server-side-encryption-aws-kms-key-id"] == KMS_KEY


def test_a_record_that_cannot_be_quarantined_has_failed(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.storage_fails = True
    answers = call(b"alice", record(**PAGE_VIEW))
    assert answers[0] == {"recordId": "r0", "result": "ProcessingFailed"}
    assert answers[1]["result"] == "Ok"
    assert (shown := metrics(capsys))["QuarantineFailed"] == 1
    assert shown["Quarantined"] == 0


def test_data_that_is_no_base64_is_quarantined_as_it_came(aws: Aws) -> None:
    invocation = event(b"")
    invocation["records"][0]["data"] = "alice!"
    assert handler.handle(invocation, None)["records"] == [{"recordId": "r0", "result": "Dropped"}]
    (body,) = aws.objects.values()
    assert json.loads(body)["data"] == "alice!"


@pytest.mark.parametrize("delivery", ["enriched-bad", "raw-bad"])
def test_the_bad_deliveries_take_json(aws: Aws, monkeypatch: pytest.MonkeyPatch, delivery: str) -> None:
    monkeypatch.setenv("DELIVERY", delivery)
    answers = call(b'{"alice":1}', record(**PAGE_VIEW))
    assert [each["result"] for each in answers] == ["Ok", "Dropped"]
    (path,) = aws.objects
    assert f"/quarantine/{delivery}/" in path


def test_a_defect_of_ours_costs_one_record_and_its_text_goes_nowhere(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make = enriched_event.make

    def defective(*arguments: Any) -> Any:
        sound = make(*arguments)

        def broken(events: Any) -> list[str]:
            if any("alice" in event.cells for event in events):
                raise RuntimeError("alice")
            return sound.treat(events)

        return replace(sound, treat=broken)

    monkeypatch.setitem(batch.FORMATS, "output", defective)
    answers = call(record(user_id="alice"), record(user_id="bob"))
    assert [each["result"] for each in answers] == ["Dropped", "Ok"]
    (body,) = aws.objects.values()
    assert json.loads(body)["reason"] == "internal-error"
    assert "alice" not in "".join(capsys.readouterr())


def test_no_original_and_no_key_in_any_log_at_any_level(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    canaries = Canaries()
    seen: list[str] = []

    class Everything(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record.getMessage())

    root = logging.getLogger()
    before, everything = root.level, Everything()
    root.addHandler(everything)
    root.setLevel(logging.DEBUG)
    try:
        call(record(user_id=canaries.text("user_id")), canaries.text("garbage").encode())
        aws.storage_fails = True
        call(canaries.text("garbage").encode())
    finally:
        root.removeHandler(everything)
        root.setLevel(before)
    output = capsys.readouterr()
    written = "\n".join([*seen, output.out, output.err])
    assert output.out
    assert aws.objects
    assert canaries.search("log", written.encode()) == []
    assert base64.b64encode(KEY).decode() not in written


def test_one_line_of_metrics_per_invocation(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    call(record(user_id="alice", app_id="gitlab", txn_id="7"), b"x", b"\xff")
    shown = metrics(capsys)
    (definition,) = shown["_aws"]["CloudWatchMetrics"]
    named = {each["Name"]: shown[each["Name"]] for each in definition["Metrics"]}
    assert definition["Dimensions"] == [["Delivery"]]
    assert shown["Delivery"] == "output"
    del named["Duration"], named["BytesIn"], named["BytesOut"], named["KeyAge"]
    assert named == {
        "Records": 3,
        "Delivered": 1,
        "Quarantined": 2,
        "QuarantineFailed": 0,
        "AttributesPseudonymized": 1,
        "AttributesAllowed": 1,
        "AttributesTruncated": 0,
        "AttributesErased": 1,
        "AttributesOutOfTime": 0,
        "AttributesOutside": 0,
        "MostPseudonyms": 0,
        "AttributesUnknown": 0,
        "Quarantined-wrong-column-count": 1,
        "Quarantined-not-utf8": 1,
    }
    assert len(aws.objects) == 2


@pytest.mark.parametrize("size", [1, 9_000])
def test_no_expansion_makes_the_answer_too_large_and_none_is_lost(aws: Aws, size: int) -> None:
    # The worst there is: values of one digit, each of which becomes 64, in every record of the batch.
    values = dump(wrap(CONTEXTS, [wrap(STANDARD, {"extra": [1] * size})]))
    original = record(contexts=values)
    count = min(600_000 // len(original), 2_000)
    answers = call(*[original] * count)
    assert len(json.dumps({"records": answers})) < LAMBDA_RESPONSE_LIMIT
    assert [each["recordId"] for each in answers] == [f"r{number}" for number in range(count)]
    delivered = sum(each["result"] == "Ok" for each in answers)
    dropped = sum(each["result"] == "Dropped" for each in answers)
    assert delivered + dropped == count
    assert len(aws.objects) == dropped
    assert delivered > 0


def test_what_grows_most_is_put_aside_and_its_neighbours_are_delivered(aws: Aws) -> None:
    good = record(**PAGE_VIEW)
    bomb = record(contexts=dump(wrap(CONTEXTS, [wrap(STANDARD, {"feature_enabled_by_namespace_ids": [1] * 30_000})])))
    answers = call(*[bomb, good] * 20)
    assert {each["result"] for each in answers[1::2]} == {"Ok"}
    dropped = [each["recordId"] for each in answers if each["result"] == "Dropped"]
    assert 0 < len(dropped) < 20
    assert sorted(json.loads(body)["recordId"] for body in aws.objects.values()) == sorted(dropped)


@pytest.mark.usefixtures("aws")
def test_what_is_delivered_says_its_policy_and_key_and_so_does_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    (answer,) = call(record(**PAGE_VIEW))
    line = base64.b64decode(answer["data"]).decode().removesuffix("\n")
    said = json.loads(cells_of(line)["derived_contexts"])["data"][-1]["data"]
    version = policy.load(POLICY_FILE).version
    assert said == {"policy_version": version, "key_id": "k1"}
    shown = metrics(capsys)
    assert (shown["PolicyVersion"], shown["KeyId"]) == (version, "k1")
    assert 0 <= shown["KeyAge"] < 60


@pytest.mark.usefixtures("aws")
def test_the_log_counts_what_the_policy_does_not_name(capsys: pytest.CaptureFixture[str]) -> None:
    call(record(contexts=dump(wrap(CONTEXTS, [wrap(STANDARD, {"elementId": 1, "alice": 1})]))))
    shown = metrics(capsys)
    criterion = "iglu:com.gitlab/gitlab_standard/jsonschema/1-*-*"
    assert shown["AttributesUnknown"] == 2
    assert shown["UnknownAttributes"] == {
        f"{criterion} elementId": 1,
        f"{criterion} {pseudonym('alice', 'name')}": 1,
    }


def test_one_record_too_large_by_itself_is_quarantined(aws: Aws) -> None:
    values = dump(wrap(CONTEXTS, [wrap(STANDARD, {"feature_enabled_by_namespace_ids": [1] * 100_000})]))
    assert call(record(contexts=values)) == [{"recordId": "r0", "result": "Dropped"}]
    (body,) = aws.objects.values()
    assert json.loads(body)["reason"] == "response-too-large"


def test_after_a_rotation_the_next_batch_has_the_new_key(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key, "REFRESH_SECONDS", 0.0)
    for current in (KEY, KEY[::-1]):
        aws.secret = secret(current)
        (answer,) = call(record(user_id="alice"))
        shown = cells_of(base64.b64decode(answer["data"]).decode().removesuffix("\n"))["user_id"]
        assert shown == pseudonym_function([current], "user")("alice")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read"),
        ("", "set it anew"),
        ("alice", "set it anew"),
        ("{}", "set it anew"),
        (json.dumps({"key_id": "k", "key": "alice!"}), "set it anew"),
        (secret(b"short key of 31 bytes ........."), "less than 32 bytes"),
        (secret(key_id=""), "key_id"),
        (secret(key_id='alice"'), "key_id"),
    ],
    ids=["missing", "empty", "text", "no key", "no base64", "short", "no id", "no id but text"],
)
def test_without_a_usable_key_no_record_is_touched(
    aws: Aws, capsys: pytest.CaptureFixture[str], text: str | None, said: str
) -> None:
    aws.secret = text
    with pytest.raises(PseudonymizerError, match=said) as caught:
        call(b"not an event")
    assert aws.objects == {}
    assert capsys.readouterr().out == ""
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize("name", ["DELIVERY", "KEY_SECRET_ARN", "QUARANTINE_BUCKET", "QUARANTINE_KMS_KEY_ARN"])
def test_without_its_environment_no_record_is_touched(aws: Aws, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(PseudonymizerError, match=name):
        call(b"not an event")
    assert aws.objects == {}


def test_an_unknown_delivery_is_refused(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELIVERY", "elsewhere")
    with pytest.raises(PseudonymizerError, match="DELIVERY"):
        call(b"not an event")
    assert aws.secrets_read == 0


def test_without_a_valid_policy_no_record_is_touched(aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(handler, "POLICY", tmp_path / "gitlab.yaml")
    with pytest.raises(PseudonymizerError, match=r"gitlab\.yaml"):
        call(b"not an event")
    assert aws.objects == {}


def test_other_errors_leave_without_their_text(aws: Aws) -> None:
    with pytest.raises(PseudonymizerError) as caught:
        handler.handle({"records": [{"recordId": "alice"}, "bob"]}, None)  # type: ignore[list-item,typeddict-item]  # on purpose
    assert "alice" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert aws.objects == {}
