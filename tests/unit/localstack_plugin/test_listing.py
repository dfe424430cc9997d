from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from snowveil_localstack.kinesis.listing import ShardFilterError, select


@dataclass
class Listed:
    shard_id: str
    opened_at: float
    closed_at: float | None = None
    parent: str | None = None


# "a" was split into "b" and "c" at 20, these were merged into "d" at 40.
SHARDS = [Listed("d", 40, None, "b"), Listed("a", 10, 20), Listed("c", 20, 40, "a"), Listed("b", 20, 40, "a")]


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("shard_filter", "expected"),
    [
        (None, "abcd"),
        ({"Type": "FROM_TRIM_HORIZON"}, "abcd"),
        ({"Type": "AT_TRIM_HORIZON"}, "a"),
        ({"Type": "AT_LATEST"}, "d"),
        ({"Type": "AFTER_SHARD_ID", "ShardId": "b"}, "cd"),
        ({"Type": "AT_TIMESTAMP", "Timestamp": at(1)}, "a"),
        ({"Type": "AT_TIMESTAMP", "Timestamp": at(15)}, "a"),
        ({"Type": "AT_TIMESTAMP", "Timestamp": at(30)}, "bc"),
        ({"Type": "AT_TIMESTAMP", "Timestamp": at(50)}, "d"),
        ({"Type": "FROM_TIMESTAMP", "Timestamp": at(1)}, "abcd"),
        ({"Type": "FROM_TIMESTAMP", "Timestamp": at(30)}, "bcd"),
        ({"Type": "FROM_TIMESTAMP", "Timestamp": at(50)}, "d"),
    ],
)
def test_a_filter_keeps_the_shards_of_its_type(shard_filter: dict[str, Any] | None, expected: str) -> None:
    assert "".join(shard.shard_id for shard in select(SHARDS, shard_filter)) == expected


def test_a_list_goes_on_after_the_shard_it_ended_with() -> None:
    shard_filter = {"Type": "FROM_TIMESTAMP", "Timestamp": at(30)}
    assert [shard.shard_id for shard in select(SHARDS, shard_filter, exclusive_start="b")] == ["c", "d"]


@pytest.mark.parametrize("shard_filter", [{"Type": "AFTER_SHARD_ID"}, {"Type": "AT_TIMESTAMP"}, {"Type": "LATEST"}])
def test_a_filter_that_lacks_something_is_refused(shard_filter: dict[str, Any]) -> None:
    with pytest.raises(ShardFilterError):
        select(SHARDS, shard_filter)
