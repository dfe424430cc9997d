"""Times near the collector's are shown; a telephone number that reads as a time is not."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.pseudonymizer.formats import enriched_event, failed_event
from tests.unit.pseudonymizer.samples import CONTEXTS, CSP, STANDARD, cells_of, dump, make_plan, record, wrap

PLAN = make_plan()
EVENT = enriched_event.make(PLAN)
TIMING = "iglu:org.w3/PerformanceTiming/jsonschema/1-0-0"
TAKEN = "2026-01-31 23:59:59.999"
COLUMNS = ("dvce_created_tstamp", "dvce_sent_tstamp", "derived_tstamp", "true_tstamp", "refr_dvce_tstamp")
# 4915112345678 and +33 6 12 34 56 78 as milliseconds.
TELEPHONES = ("2125-10-02 12:49:05.678", "2077-03-04 02:51:18.678")


def milliseconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def entity(schema: str, data: object, taken: str = TAKEN) -> object:
    line = EVENT.line(record(collector_tstamp=taken, contexts=dump(wrap(CONTEXTS, [wrap(schema, data)]))))
    return json.loads(cells_of(line)["contexts"])["data"][0]["data"]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize(
    ("time", "is_shown"),
    [
        ("2026-01-31 00:00:00.000", True),
        ("2025-12-31 00:00:00.000", True),
        ("2025-12-30 23:59:59.999", False),
        ("2026-02-01 23:59:59.999", True),
        ("2026-02-02 00:00:00.000", False),
        ("1970-01-01 00:00:00.000", False),
        ("2026-01-31T00:00:00.000", False),
        *((telephone, False) for telephone in TELEPHONES),
    ],
)
def test_a_time_column_is_shown_within_the_window_alone_and_beside_others(
    column: str, time: str, is_shown: bool
) -> None:
    line = record(collector_tstamp=TAKEN, **{column: time})
    near = record(collector_tstamp=TAKEN, **{column: TAKEN})
    expected = time if is_shown else ""
    assert cells_of(EVENT.line(line))[column] == expected
    shown = EVENT.treat([EVENT.read(each) for each in (near, line, near)])
    assert [cells_of(each)[column] for each in shown] == [TAKEN, expected, TAKEN]


def test_what_is_erased_for_its_time_is_counted() -> None:
    PLAN.actions.counts.reset()
    EVENT.line(record(collector_tstamp=TAKEN, dvce_created_tstamp=TELEPHONES[0], true_tstamp=TAKEN))
    assert (PLAN.actions.counts.out_of_time, PLAN.actions.counts.erased) == (1, 1)


@given(st.lists(st.integers(-400, 400), min_size=1, max_size=8), st.lists(st.integers(-40, 40), min_size=1, max_size=8))
def test_a_record_is_shown_the_same_alone_and_in_a_batch_of_other_days(days: list[int], offsets: list[int]) -> None:
    start = datetime(2026, 1, 31, 12, tzinfo=UTC)

    def text(moment: datetime) -> str:
        return f"{moment:%Y-%m-%d %H:%M:%S}.000"

    events = [
        record(
            collector_tstamp=text(start + timedelta(days=day)),
            dvce_created_tstamp=text(start + timedelta(days=day + offset)),
            contexts=dump(
                wrap(
                    CONTEXTS, [wrap(TIMING, {"loadEventEnd": milliseconds(text(start + timedelta(days=day + offset)))})]
                )
            ),
        )
        for day in days
        for offset in offsets
    ]
    assert EVENT.treat([EVENT.read(each) for each in events]) == [EVENT.line(each) for each in events]


@pytest.mark.parametrize("taken", ["", "alice", "9999-12-31 00:00:00.000", "2026-13-01 00:00:00.000"])
def test_without_a_collectors_time_none_is_shown(taken: str) -> None:
    shown = cells_of(EVENT.line(record(collector_tstamp=taken, dvce_created_tstamp=TAKEN)))
    assert shown["dvce_created_tstamp"] == ""
    assert entity(TIMING, {"loadEventEnd": milliseconds(TAKEN)}, taken) == {"loadEventEnd": None}


@pytest.mark.parametrize("wrapped", [str, int])
def test_milliseconds_are_shown_within_the_window_and_zero_always(wrapped: type) -> None:
    near, far = milliseconds("2026-01-30 00:00:00"), 4915112345678
    data = {"navigationStart": wrapped(near), "loadEventEnd": wrapped(far), "redirectStart": wrapped(0)}
    expected = {"navigationStart": wrapped(near), "loadEventEnd": None, "redirectStart": wrapped(0)}
    assert entity(TIMING, data) == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-01-31T10:11:12.123456789Z", "2026-01-31T10:11:00Z"),
        ("2026-01-31 10:11:12 UTC", "2026-01-31 10:11:00 UTC"),
        ("2026-01-31T10:11:12+00:00", "2026-01-31T10:11:00+00:00"),
        ("2025-01-31T10:11:12Z", None),
        ("2026-01-31T10:11:12.1234567891Z", None),
        ("alice", None),
        (True, None),
        (1769854272123, 1769854260000),
    ],
)
def test_the_time_of_a_context_is_shown_to_the_minute(text: object, shown: object) -> None:
    assert entity(STANDARD, {"context_generated_at": text}) in (
        {"context_generated_at": shown},
        {"context_generated_at": str(shown)},
    )


def failed(taken: str | None, failed_at: str, dtm: str) -> dict[str, object]:
    payload = {"timestamp": taken, "querystring": [{"name": "dtm", "value": dtm}]}
    event = wrap(
        f"{CSP}.badrows/tracker_protocol_violations/jsonschema/1-0-0",
        {"failure": {"timestamp": failed_at}, "payload": payload},
    )
    shown = json.loads(failed_event.make(PLAN).line(dump(event).encode()))["data"]
    return {"dtm": shown["payload"]["querystring"][0]["value"], "failed": shown["failure"]["timestamp"]}


def test_a_failed_event_shows_times_near_its_request_and_its_failure() -> None:
    now, long_ago = "2026-01-31T10:11:12.123Z", "2023-05-06T07:08:09.123Z"
    assert failed(now, now, str(milliseconds(TAKEN))) == {"dtm": str(milliseconds(TAKEN)), "failed": now}
    assert failed(now, now, "4915112345678") == {"dtm": None, "failed": now}
    assert failed(None, now, "4915112345678") == {"dtm": None, "failed": now}
    assert failed(long_ago, now, "4915112345678") == {"dtm": None, "failed": now}
    assert failed(None, "alice", str(milliseconds(TAKEN))) == {"dtm": None, "failed": None}
