"""Which shards ListShards gives, by its filter.

Source: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ShardFilter.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class ListedShard(Protocol):
    """What the filters look at. Times are Unix seconds; `closed_at` is None while the shard is open."""

    opened_at: float
    closed_at: float | None
    parent: str | None

    @property
    def shard_id(self) -> str:
        """The shard's id; ids ascend in the order of creation."""


class ShardFilterError(ValueError):
    """The filter lacks what its type needs, or its type is unknown."""


def select[Shard: ListedShard](
    shards: Iterable[Shard], shard_filter: Mapping[str, Any] | None = None, exclusive_start: str | None = None
) -> list[Shard]:
    """Return the shards that a ShardFilter keeps and whose id follows `exclusive_start`, by id.

    Nothing ages out here, so the trim horizon is the stream's creation. Raises ShardFilterError.
    """
    kept = sorted(shards, key=lambda shard: shard.shard_id)
    if shard_filter is not None:
        kept = [shard for shard in kept if _keeps(shard_filter, shard)]
    return [shard for shard in kept if exclusive_start is None or shard.shard_id > exclusive_start]


def _keeps(shard_filter: Mapping[str, Any], shard: ListedShard) -> bool:
    match shard_filter["Type"]:
        case "FROM_TRIM_HORIZON":
            return True
        case "AT_TRIM_HORIZON":
            return shard.parent is None
        case "AT_LATEST":
            return shard.closed_at is None
        case "AFTER_SHARD_ID":
            return shard.shard_id > str(_required(shard_filter, "ShardId"))
        case "AT_TIMESTAMP":
            time = _required(shard_filter, "Timestamp").timestamp()
            # A time before the stream's creation is corrected to the trim horizon.
            return (shard.parent is None or shard.opened_at <= time) and _is_open_at(shard, time)
        case "FROM_TIMESTAMP":
            return _is_open_at(shard, _required(shard_filter, "Timestamp").timestamp())
        case unknown:
            raise ShardFilterError(f"ShardFilter.Type {unknown} is unknown")


def _is_open_at(shard: ListedShard, time: float) -> bool:
    return shard.closed_at is None or shard.closed_at >= time


def _required(shard_filter: Mapping[str, Any], name: str) -> Any:
    value = shard_filter.get(name)
    if value is None:
        raise ShardFilterError(f"ShardFilter.{name} is required by the type {shard_filter['Type']}")
    return value
