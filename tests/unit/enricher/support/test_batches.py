"""Batches: everything, in order, as much at once as the bounds allow."""

from hypothesis import given
from hypothesis import strategies as st

from services.enricher.support.batches import batches


@given(st.lists(st.binary(max_size=8)), st.integers(1, 20), st.integers(1, 4))
def test_batches_hold_all_and_are_full(items: list[bytes], byte_limit: int, count_limit: int) -> None:
    made = list(batches(items, len, byte_limit, count_limit))
    assert [item for batch in made for item in batch] == items
    for number, batch in enumerate(made):
        assert len(batch) == 1 or (len(batch) <= count_limit and sum(map(len, batch)) <= byte_limit)
        if number:
            before = made[number - 1]
            assert len(before) == count_limit or sum(map(len, [*before, batch[0]])) > byte_limit
