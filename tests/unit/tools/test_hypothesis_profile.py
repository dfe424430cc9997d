import time

from hypothesis import given, settings
from hypothesis import strategies as st


def test_a_property_does_not_fail_because_the_machine_is_busy() -> None:
    @settings(max_examples=2, database=None)
    @given(st.integers())
    def takes_longer_than_hypothesis_allows(_number: int) -> None:
        time.sleep(0.25)  # its deadline is 0.2 s

    takes_longer_than_hypothesis_allows()
