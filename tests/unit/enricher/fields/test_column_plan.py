"""What is remembered of the keys of events: none that are longer than a tracker's, and no more sets than a bound."""

from services.enricher.fields.column_plan import PLANS_KEPT, tracker_event
from services.enricher.processing.record_enricher import Outputs, RecordEnricher
from tests.fixtures.enricher import ETL_TSTAMP, IGLU, USER, cells, get
from wire.collector_payload import encode


def test_the_next_event_with_the_same_keys_has_the_same_plan() -> None:
    first, second = tracker_event({"e": "pv", "p": "web"}), tracker_event({"e": "se", "p": "mob"})
    assert first.column_plan is second.column_plan
    assert first.column_plan.is_kept
    assert tracker_event({"p": "web", "e": "pv"}).column_plan is not first.column_plan


def test_keys_that_are_longer_than_a_tracker_s_are_not_kept() -> None:
    long = {"x" * 501: "1", "aid": "a"}
    assert not tracker_event(long).column_plan.is_kept
    assert tracker_event(long).column_plan is not tracker_event(long).column_plan


def test_plans_make_room_and_events_stay_right() -> None:
    enricher = RecordEnricher(IGLU, 1_000_000)
    made = Outputs()
    for number in range(2 * PLANS_KEPT):
        enricher.add(encode(get(eid=USER, **{f"key{number}": "1", "aid": str(number)})), ETL_TSTAMP, made)
    assert [cells(line)["app_id"] for line in made.good] == [str(number) for number in range(2 * PLANS_KEPT)]
