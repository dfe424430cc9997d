"""derived_tstamp: when the event most likely happened."""

import pytest

from tests.fixtures.enricher import get, good


@pytest.mark.contract("C.8/derived")
@pytest.mark.parametrize(
    ("parameters", "derived"),
    [
        ({}, "2023-11-14 22:13:20.123"),
        ({"dtm": "1000"}, "2023-11-14 22:13:20.123"),
        ({"stm": "1000"}, "2023-11-14 22:13:20.123"),
        ({"dtm": "1000", "stm": "3500"}, "2023-11-14 22:13:17.623"),
        ({"dtm": "3500", "stm": "3500"}, "2023-11-14 22:13:20.123"),
        ({"dtm": "3500", "stm": "1000"}, "2023-11-14 22:13:20.123"),
        ({"dtm": "1000", "stm": "3500", "ttm": "7"}, "1970-01-01 00:00:00.007"),
    ],
)
def test_the_devices_clock_is_corrected_by_its_own_delay(parameters: dict[str, str], derived: str) -> None:
    assert good(get(**parameters))[0]["derived_tstamp"] == derived


@pytest.mark.contract("C.8/derived")
def test_a_delay_can_lead_out_of_the_range_of_years() -> None:
    (event,) = good(get(dtm="-62167219200000", stm="253402300799999"))
    assert event["derived_tstamp"] == "-7977-11-14 22:13:20.124"
