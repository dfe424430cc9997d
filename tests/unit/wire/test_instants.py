from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.instants import civil, instant


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (253_402_300_800_000, "+10000-01-01T00:00:00Z"),
        (-62_167_219_200_000, "0000-01-01T00:00:00Z"),
        (-62_167_219_200_001, "-0001-12-31T23:59:59.999Z"),
        (2**63 - 1, "+292278994-08-17T07:12:55.807Z"),
    ],
)
def test_an_instant_is_written_as_java_writes_it(milliseconds: int, text: str) -> None:
    assert instant(milliseconds) == text


@given(st.datetimes(timezones=st.just(UTC)))
def test_within_pythons_years_it_agrees_with_datetime(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    milliseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // (datetime.resolution * 1000)
    year, rest = civil(milliseconds)
    assert f"{year:04d}{rest}" == moment.isoformat(timespec="milliseconds").removesuffix("+00:00")
