"""The operations of the Kinesis API that moto answers incompletely."""

from __future__ import annotations

from typing import Any, cast

from moto.kinesis import models
from moto.kinesis.utils import decompose_shard_iterator

from snowveil_localstack.kinesis.stream import Shard, Stream
from snowveil_localstack.moto_services import ask_moto, call_moto


def use_lossless_streams() -> None:
    """Let moto create this package's streams from now on."""
    models.Stream = Stream  # type: ignore[misc] # moto offers no other way


def create_stream(context: Any, request: dict[str, Any]) -> Any:
    """Create, and keep the tags, which moto drops."""
    response = call_moto(context, request)
    if request.get("Tags"):
        _backend(context).streams[request["StreamName"]].tags.update(request["Tags"])
    return response


def get_shard_iterator(context: Any, request: dict[str, Any]) -> Any:
    """Name the stream: called with an ARN alone, moto writes an iterator of the stream `None`."""
    if request.get("StreamName"):
        return call_moto(context, request)
    name = request["StreamARN"].split(":stream/")[1]
    named: Any = {**request, "StreamName": name}
    return ask_moto(context, named)


def get_records(context: Any, request: dict[str, Any]) -> Any:
    """Read, and at the end of a closed shard name its children instead of a next iterator."""
    response = call_moto(context, request)
    stream_name, shard_id, position = decompose_shard_iterator(response["NextShardIterator"])
    stream = cast("Stream", _backend(context).streams[stream_name])
    shard = stream.shards[shard_id]
    if shard.is_read_to_the_end(int(position)):
        del response["NextShardIterator"]
        response["ChildShards"] = [_child(child) for child in stream.shards.values() if shard_id in _parents(child)]
    return response


OPERATIONS = {"CreateStream": create_stream, "GetShardIterator": get_shard_iterator, "GetRecords": get_records}


def _backend(context: Any) -> models.KinesisBackend:
    return models.kinesis_backends[context.account_id][context.region]


def _parents(shard: Shard) -> list[str]:
    return [parent for parent in (shard.parent, shard.adjacent_parent) if parent]


def _child(shard: Shard) -> dict[str, Any]:
    hash_range = shard.to_json()["HashKeyRange"]
    return {"ShardId": shard.shard_id, "ParentShards": _parents(shard), "HashKeyRange": hash_range}
