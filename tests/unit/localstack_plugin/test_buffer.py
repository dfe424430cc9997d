from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from snowveil_localstack.firehose.buffer import Buffer, BufferHints

HINTS = BufferHints(size=100, interval=10.0)


def test_nothing_is_due_before_size_or_age() -> None:
    buffer: Buffer[str] = Buffer()
    assert buffer.seconds_until_due(HINTS, 0.0) is None
    buffer.add("a", 99, now=5.0)
    assert buffer.due(HINTS, 14.9) == []
    assert buffer.seconds_until_due(HINTS, 14.0) == 1.0


def test_all_items_are_due_at_the_age_of_the_oldest() -> None:
    buffer: Buffer[str] = Buffer()
    buffer.add("a", 1, now=5.0)
    buffer.add("b", 1, now=14.0)
    assert buffer.due(HINTS, 15.0) == ["a", "b"]
    assert buffer.seconds_until_due(HINTS, 16.0) == 0.0


def test_a_full_buffer_is_due_at_once_in_batches_of_its_size() -> None:
    buffer: Buffer[str] = Buffer()
    for item, size in (("a", 60), ("b", 60), ("c", 500)):
        buffer.add(item, size, now=0.0)
    assert buffer.seconds_until_due(HINTS, 0.0) == 0.0
    for expected in ("a", "b", "c"):
        assert buffer.due(HINTS, 0.0) == [expected]
        buffer.discard(1)
    assert buffer.due(HINTS, 100.0) == []


def test_a_batch_stays_until_it_is_discarded() -> None:
    buffer: Buffer[str] = Buffer()
    buffer.add("a", 200, now=0.0)
    assert buffer.due(HINTS, 0.0) == buffer.due(HINTS, 0.0) == ["a"]


@given(
    items=st.lists(st.tuples(st.integers(0, 150), st.floats(0, 20)), max_size=40),
    fails=st.lists(st.booleans(), max_size=80),
)
def test_every_item_leaves_once_and_in_order_whatever_fails(items: list[tuple[int, float]], fails: list[bool]) -> None:
    buffer: Buffer[int] = Buffer()
    failing = iter(fails)
    taken: list[int] = []
    now = 0.0

    def take() -> None:
        while batch := buffer.due(HINTS, now):
            assert len(batch) == 1 or sum(items[number][0] for number in batch) <= HINTS.size
            if next(failing, False):
                return
            taken.extend(batch)
            buffer.discard(len(batch))

    for number, (size, pause) in enumerate(items):
        now += pause
        buffer.add(number, size, now)
        take()
    now += HINTS.interval
    failing = iter(())
    take()
    assert taken == list(range(len(items)))
