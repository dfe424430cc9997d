from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snowveil_localstack.firehose.prefix import PrefixError, error_prefix, object_prefix, validate

WHEN = datetime(2018, 8, 7, 3, 4, 5, 6000, UTC)


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        # The first three are the documentation's own.
        ("", "2018/08/07/03/"),
        ("myFirehosePrefix/", "myFirehosePrefix/2018/08/07/03/"),
        ("year=!{timestamp:yyyy}/month=!{timestamp:MM}/hour=!{timestamp:HH}/", "year=2018/month=08/hour=03/"),
        ("output/!{timestamp:yyyy/MM/dd/HH/}", "output/2018/08/07/03/"),
        ("!{timestamp:'year='yyyy'/it''s='D}", "year=2018/it's=219"),
        ("!{timestamp:yy-M-d H:m:s.SSS DDD}", "18-8-7 3:4:5.006 219"),
        ("!{timestamp:''yyyy''}", "'2018'"),
    ],
)
def test_an_object_prefix_is_evaluated_at_the_arrival(prefix: str, expected: str) -> None:
    assert object_prefix(prefix, WHEN) == expected


@pytest.mark.parametrize(
    ("prefix", "error_output_prefix", "expected"),
    [
        ("", "", "processing-failed/2018/08/07/03/"),
        ("mine/", "", "mine/processing-failed/2018/08/07/03/"),
        ("mine/", "bad/", "bad/processing-failed/2018/08/07/03/"),
        ("", "myFirehoseFailures/!{firehose:error-output-type}/", "myFirehoseFailures/processing-failed/"),
        ("", "e/!{timestamp:yyyy}/!{firehose:error-output-type}", "e/2018/processing-failed"),
    ],
)
def test_an_error_prefix_names_the_error(prefix: str, error_output_prefix: str, expected: str) -> None:
    assert error_prefix(prefix, error_output_prefix, WHEN, "processing-failed") == expected


def test_every_random_string_is_a_new_one_of_11_characters() -> None:
    prefix = object_prefix("!{firehose:random-string}/!{firehose:random-string}/!{timestamp:yyyy}", WHEN)
    match = re.fullmatch(r"([0-9A-Za-z]{11})/([0-9A-Za-z]{11})/2018", prefix)
    assert match is not None
    assert match[1] != match[2]


@pytest.mark.parametrize(
    ("prefix", "error_output_prefix"),
    [
        ("!{firehose:error-output-type}/", "e/!{firehose:error-output-type}/"),
        ("!{timestamp:yyyy}/", ""),
        ("", "e/!{timestamp:yyyy}/"),
        ("!{timestamp:yyyy", "e/!{firehose:error-output-type}/"),
        ("!{", "e"),
        ("!{other:value}/", "e/!{firehose:error-output-type}/"),
        ("!{firehose:other}/", "e/!{firehose:error-output-type}/"),
        ("!{timestamp:YYYY}/", "e/!{firehose:error-output-type}/"),
        ("!{timestamp:yyyy'}/", "e/!{firehose:error-output-type}/"),
        ("!{timestamp:[yyyy]}/", "e/!{firehose:error-output-type}/"),
    ],
)
def test_a_prefix_that_aws_refuses_is_refused(prefix: str, error_output_prefix: str) -> None:
    with pytest.raises(PrefixError):
        validate(prefix, error_output_prefix)


def test_an_evaluated_prefix_over_512_characters_is_refused() -> None:
    dates = len("2018/08/07/03/")
    assert len(object_prefix("x" * (512 - dates), WHEN)) == 512
    with pytest.raises(PrefixError):
        object_prefix("x" * (513 - dates), WHEN)


moments = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive


@given(moments, st.text(st.characters(blacklist_characters="!{}"), max_size=60))
def test_the_projects_prefix_sorts_by_hour_and_keeps_its_text(when: datetime, text: str) -> None:
    prefix = text + "!{timestamp:yyyy/MM/dd/HH/}"
    validate(prefix, "errors/!{firehose:error-output-type}/")
    earlier, later = object_prefix(prefix, when), object_prefix(prefix, when + timedelta(hours=1))
    assert earlier.startswith(text)
    assert earlier < later
    assert datetime.strptime(earlier.removeprefix(text), "%Y/%m/%d/%H/").replace(tzinfo=UTC) == when.replace(
        minute=0, second=0, microsecond=0
    )


@given(st.text(alphabet="!{}:'yMdHmsafirehosetmp/[]# -", max_size=40), st.text(alphabet="!{}:'timesap/yY", max_size=20))
def test_an_accepted_prefix_can_be_evaluated(prefix: str, error_output_prefix: str) -> None:
    try:
        validate(prefix, error_output_prefix)
    except PrefixError:
        return
    assert "!{" not in object_prefix(prefix, WHEN)
    assert "!{" not in error_prefix(prefix, error_output_prefix, WHEN, "processing-failed")
