"""Who sends many chosen values beside a marker may not read their pseudonyms: such records are put aside, and seen."""

import base64
import json
import re
from collections import Counter
from typing import Any

import pytest

from lambda_src.pseudonymizer.delivery import batch
from lambda_src.pseudonymizer.delivery.quarantine import Rejected
from lambda_src.pseudonymizer.errors import Reason
from lambda_src.pseudonymizer.key import Ring
from lambda_src.pseudonymizer.policy import policy
from tests.unit.pseudonymizer.samples import (
    CONTEXTS,
    CSP,
    KEY,
    PAGE_VIEW,
    POLICY_FILE,
    ROOT,
    STANDARD,
    dump,
    record,
    wrap,
)  # fmt: skip

LIMITS = policy.load(POLICY_FILE).limits


class Keys:
    age = 0.0

    def current(self) -> Ring:
        return Ring("k", (KEY,))


class Quarantine:
    def __init__(self) -> None:
        self.reasons: Counter[Reason] = Counter()

    def write(self, rejected: list[Rejected]) -> list[bool]:
        self.reasons.update(each.reason for each in rejected)
        return [True] * len(rejected)


def send(
    delivery: str, records: list[bytes], capsys: pytest.CaptureFixture[str]
) -> tuple[list[str], Counter[Reason], dict[str, Any]]:
    quarantine: Any = Quarantine()
    keys: Any = Keys()
    function = batch.Pseudonymizer(delivery, policy.load(POLICY_FILE), keys, quarantine)
    answers = function.answer(
        [
            {"recordId": str(at), "data": base64.b64encode(each).decode(), "approximateArrivalTimestamp": 0}
            for at, each in enumerate(records)
        ]
    )
    return [each["result"] for each in answers], quarantine.reasons, json.loads(capsys.readouterr().out)


def entity(data: object) -> bytes:
    return record(**{**PAGE_VIEW, "contexts": dump(wrap(CONTEXTS, [wrap(STANDARD, data)]))})


def users(count: int) -> list[int]:
    return list(range(1_000_000, 1_000_000 + count))


QUESTIONS = {
    "array of an identity": entity({"feature_enabled_by_namespace_ids": users(66_000)}),
    "arrays in an array": entity({"extra": [[user] for user in users(1_000)]}),
    "objects": entity({"extra": {str(user): user for user in users(1_000)}}),
    "entities": record(
        **{**PAGE_VIEW, "contexts": dump(wrap(CONTEXTS, [wrap(STANDARD, {"user_id": user}) for user in users(1_000)]))}
    ),
    "parameters of a URL": record(page_urlquery="&".join(f"project_id={user}" for user in users(1_000))),
    "segments": record(page_urlpath="".join(f"/{user}" for user in users(1_000))),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_record_that_asks_for_many_pseudonyms_is_put_aside_and_its_neighbours_are_not(
    question: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    good = record(**PAGE_VIEW)
    results, reasons, metrics = send("output", [good, question, good], capsys)
    assert results == ["Ok", "Dropped", "Ok"]
    assert reasons == {Reason.TOO_MANY_VALUES: 1}
    assert metrics["Quarantined-too-many-values"] == 1


@pytest.mark.parametrize("encoded", [False, True], ids=["text", "base64"])
def test_a_failed_event_asks_no_more(encoded: bool, capsys: pytest.CaptureFixture[str]) -> None:
    asked = dump(wrap(CONTEXTS, [wrap(STANDARD, {"feature_enabled_by_namespace_ids": users(10_000)})]))
    parameter = {"name": "co", "value": asked}
    if encoded:
        parameter = {"name": "cx", "value": base64.urlsafe_b64encode(asked.encode()).decode()}
    event = wrap(
        f"{CSP}.badrows/tracker_protocol_violations/jsonschema/1-0-0", {"payload": {"querystring": [parameter]}}
    )
    results, reasons, _ = send("enriched-bad", [dump(event).encode()], capsys)
    assert results == ["Dropped"]
    assert reasons == {Reason.TOO_MANY_VALUES: 1}


def test_as_much_as_is_allowed_is_delivered_and_its_number_is_a_metric(capsys: pytest.CaptureFixture[str]) -> None:
    most = LIMITS.values_in_array
    allowed = entity({"feature_enabled_by_namespace_ids": users(most)})
    one_more = entity({"feature_enabled_by_namespace_ids": users(most + 1)})
    repeated = entity({"feature_enabled_by_namespace_ids": users(most) * 2})
    results, reasons, metrics = send("output", [allowed, one_more, repeated], capsys)
    assert results == ["Ok", "Dropped", "Ok"]
    assert reasons == {Reason.TOO_MANY_VALUES: 1}
    assert most < metrics["MostPseudonyms"] < most + 30


def test_an_ordinary_batch_counts_none(capsys: pytest.CaptureFixture[str]) -> None:
    _, reasons, metrics = send("output", [record(**PAGE_VIEW)] * 3, capsys)
    assert reasons == {}
    assert metrics["MostPseudonyms"] == 0


def test_the_alarm_is_at_half_of_the_limit() -> None:
    alarms = (ROOT / "modules/pseudonymizer/alarms.tf").read_text()
    threshold = re.search(r'"MostPseudonyms"\s+statistic\s+= "Maximum"\s+threshold\s+= (\d+)', alarms)
    assert threshold is not None
    assert int(threshold[1]) == LIMITS.pseudonyms_in_record // 2
