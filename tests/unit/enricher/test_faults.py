"""Whatever fails around the enricher: nothing is lost, and what is written twice is bounded."""

from collections.abc import Callable

import pytest

from tools.faults import in_process
from tools.faults.in_process import killed_between_output_and_checkpoint
from tools.faults.outcome import Outcome, outcome

OTHERS = [each for each in in_process.SCENARIOS if each is not killed_between_output_and_checkpoint]


@pytest.mark.parametrize("scenario", OTHERS, ids=lambda each: each.__name__)
def test_each_event_comes_out_once(scenario: Callable[[], Outcome]) -> None:
    shown = scenario()
    assert (shown.lost, shown.duplicates) == (0, 0)
    assert shown.written == shown.sent > 0


def test_an_end_between_output_and_checkpoint_repeats_the_batch_in_hand_and_no_more() -> None:
    shown = killed_between_output_and_checkpoint()
    assert shown.lost == 0
    assert shown.duplicates == 3 * in_process.BATCH_EVENTS


def test_a_lost_event_and_one_written_twice_are_counted_and_one_from_nowhere_is_refused() -> None:
    assert outcome("", {"a", "b", "c"}, ["a", "a", "b"], 0) == Outcome("", 3, 3, 1, 1, 0)
    with pytest.raises(ValueError, match="1 events"):
        outcome("", {"a"}, ["a", "b"], 0)
