from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snowveil_localstack.firehose.records import SourceRecord
from snowveil_localstack.firehose.response import (
    DUPLICATED,
    INVALID,
    MISSING,
    NO_DATA,
    PROCESSING_FAILED,
    UNREADABLE,
    Delivered,
    Dropped,
    Failed,
    Verdict,
    judge,
)

RECORDS = [SourceRecord(record_id, b"original", 0) for record_id in ("a", "b", "c")]


def ok(record_id: str, data: bytes = b"new") -> dict[str, Any]:
    return {"recordId": record_id, "result": "Ok", "data": base64.b64encode(data).decode()}


def judged(*entries: object) -> list[Verdict]:
    return judge(json.dumps({"records": entries}).encode(), RECORDS)


def test_verdicts_follow_the_records_not_the_answer() -> None:
    answer = judged(ok("c", b"3"), {"recordId": "a", "result": "Dropped"}, ok("b", b""))
    assert answer == [Dropped(), Delivered(b""), Delivered(b"3")]


@pytest.mark.parametrize(
    ("entry", "verdict"),
    [
        ({"recordId": "a", "result": "ProcessingFailed"}, PROCESSING_FAILED),
        ({"recordId": "a", "result": "ok", "data": ""}, INVALID),
        ({"recordId": "a", "result": None, "data": ""}, INVALID),
        ({"recordId": "a"}, INVALID),
        ({"recordId": "a", "result": "Ok", "data": "no base64"}, INVALID),
        ({"recordId": "a", "result": "Ok", "data": "YQ=\u00e9"}, INVALID),
        ({"recordId": "a", "result": "Ok", "data": "YQ"}, INVALID),
        ({"recordId": "a", "result": "Ok", "data": 1}, INVALID),
        ({"recordId": "a", "result": "Ok", "data": None}, NO_DATA),
        ({"recordId": "a", "result": "Ok"}, NO_DATA),
        ({"recordId": "other", "result": "Ok", "data": ""}, MISSING),
        ({"recordId": 1, "result": "Ok", "data": ""}, MISSING),
        ({"result": "Ok", "data": ""}, MISSING),
        ("text", MISSING),
    ],
)
def test_a_wrong_entry_fails_its_record_alone(entry: object, verdict: Failed) -> None:
    assert judged(ok("b"), entry, ok("c")) == [verdict, Delivered(b"new"), Delivered(b"new")]


def test_an_id_that_comes_back_twice_fails() -> None:
    assert judged(ok("a"), ok("b"), ok("a"), ok("c"))[0] == DUPLICATED


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b"{}", b'{"records": {}}', b"\xff", b"[" * 100_000])
def test_an_unreadable_answer_fails_the_batch(payload: bytes) -> None:
    assert judge(payload, RECORDS) == [UNREADABLE] * 3


entries = st.fixed_dictionaries(
    {},
    optional={
        "recordId": st.sampled_from(["a", "b", "c", "d", None]),
        "result": st.sampled_from(["Ok", "Dropped", "ProcessingFailed", "Perhaps", None]),
        "data": st.sampled_from(["", "YQ==", "YQ", None]),
    },
)


@given(st.lists(entries, max_size=6))
def test_a_record_is_dropped_or_delivered_only_by_exactly_one_entry_that_says_so(answer: list[dict[str, Any]]) -> None:
    verdicts = judged(*answer)
    assert len(verdicts) == len(RECORDS)
    for record, verdict in zip(RECORDS, verdicts, strict=True):
        own = [entry for entry in answer if entry.get("recordId") == record.record_id]
        if isinstance(verdict, Dropped):
            assert [entry["result"] for entry in own] == ["Dropped"]
        elif isinstance(verdict, Delivered):
            assert [entry["result"] for entry in own] == ["Ok"]
            assert base64.b64decode(own[0]["data"]) == verdict.data
