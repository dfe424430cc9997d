"""The operations of the Kinesis API: moto's, with what it answers incompletely, and nothing that it would ignore.

A parameter that neither moto nor this module reads is refused: a test that passes here must not depend on one.
"""

from __future__ import annotations

import base64
import functools
import inspect
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from botocore import xform_name  # type: ignore[import-untyped] # LocalStack's environment has no stubs
from localstack.aws.api.kinesis import InvalidArgumentException, ResourceNotFoundException
from localstack.aws.spec import load_service
from moto.kinesis import models
from moto.kinesis.responses import KinesisResponse
from moto.kinesis.utils import decompose_shard_iterator

from snowveil_localstack.kinesis.listing import ShardFilterError, select
from snowveil_localstack.kinesis.stream import Shard, Stream
from snowveil_localstack.moto_services import ask_moto, call_moto

if TYPE_CHECKING:
    from collections.abc import Callable

    Operation = Callable[[Any, Any], Any]

# The defaults of AWS's API reference.
_SHARDS_IN_A_LIST = 1000
_SHARDS_IN_A_DESCRIPTION = 100
_STREAMS_IN_A_LIST = 100


def use_lossless_streams() -> None:
    """Let moto create this package's streams from now on."""
    models.Stream = Stream  # type: ignore[misc] # moto offers no other way


def create_stream(context: Any, request: dict[str, Any]) -> Any:
    """Create, and keep the tags, which moto drops."""
    response = call_moto(context, request)
    if request.get("Tags"):
        _backend(context).streams[request["StreamName"]].tags.update(request["Tags"])
    return response


def describe_stream(context: Any, request: dict[str, Any]) -> Any:
    """Describe, with the page of shards that was asked for: moto always begins with the first."""
    response = call_moto(context, request)
    shards = select(_stream(context, request).shards.values(), exclusive_start=request.get("ExclusiveStartShardId"))
    page = shards[: request.get("Limit") or _SHARDS_IN_A_DESCRIPTION]
    response["StreamDescription"]["Shards"] = [shard.to_json() for shard in page]
    response["StreamDescription"]["HasMoreShards"] = len(page) < len(shards)
    return response


def get_shard_iterator(context: Any, request: dict[str, Any]) -> Any:
    """Name the stream: called with an ARN alone, moto writes an iterator of the stream `None`."""
    if request.get("StreamName"):
        return call_moto(context, request)
    named: Any = {**request, "StreamName": _stream_name(request)}
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


def list_shards(context: Any, request: dict[str, Any]) -> Any:
    """List what the filter keeps: moto has no filter."""
    if token := request.get("NextToken"):
        request = {"MaxResults": request.get("MaxResults"), **_read_token(token)}
    try:
        shards = select(
            _stream(context, request).shards.values(), request.get("ShardFilter"), request.get("ExclusiveStartShardId")
        )
    except ShardFilterError as error:
        raise InvalidArgumentException(str(error)) from None
    page = shards[: request.get("MaxResults") or _SHARDS_IN_A_LIST]
    response: dict[str, Any] = {"Shards": [shard.to_json() for shard in page]}
    if len(page) < len(shards):
        response["NextToken"] = _token(request, page[-1].shard_id)
    return response


def list_streams(context: Any, request: dict[str, Any]) -> Any:
    """List in the order of the names, page by page: moto gives no token, and clients stop after the first page."""
    streams = _backend(context).streams
    after = request.get("NextToken") or request.get("ExclusiveStartStreamName") or ""
    names = sorted(name for name in streams if name > after)
    page = names[: request.get("Limit") or _STREAMS_IN_A_LIST]
    response: dict[str, Any] = {
        "StreamNames": page,
        "StreamSummaries": [streams[name].to_json_summary()["StreamDescriptionSummary"] for name in page],
        "HasMoreStreams": len(page) < len(names),
    }
    if response["HasMoreStreams"]:
        response["NextToken"] = page[-1]
    return response


_OVERRIDES: dict[str, Operation] = {
    "CreateStream": create_stream,
    "DescribeStream": describe_stream,
    "GetRecords": get_records,
    "GetShardIterator": get_shard_iterator,
    "ListShards": list_shards,
    "ListStreams": list_streams,
}
# Beyond what moto reads: what this module honours, and what can make no difference here.
_ACCEPTED = {
    "CreateStream": {"Tags"},
    "DeleteStream": {"EnforceConsumerDeletion"},  # consumers end with their stream
    "DescribeStream": {"ExclusiveStartShardId"},
    # A creation time tells streams of one name apart, and only the newest is here.
    "ListShards": {"ExclusiveStartShardId", "ShardFilter", "StreamCreationTimestamp"},
    "ListStreams": {"NextToken"},
    "PutRecord": {"SequenceNumberForOrdering"},  # records are in the order of their arrival
    "StopStreamEncryption": {"EncryptionType", "KeyId"},  # a stream has one key
    "UpdateShardCount": {"ScalingType"},  # there is only one
}


def operations() -> dict[str, Operation]:
    """Return every operation, each of which refuses the parameters that would be ignored."""
    return {
        name: functools.partial(_answer, name, _OVERRIDES.get(name, call_moto))
        for name in load_service("kinesis").operation_names
    }


def _answer(name: str, operation: Operation, context: Any, request: dict[str, Any]) -> Any:
    for parameter, value in request.items():
        if value is not None and parameter not in _accepted(name):
            raise InvalidArgumentException(f"{parameter} of {name} is not supported here")
    return operation(context, request)


@functools.cache
def _accepted(name: str) -> set[str]:
    """Return the parameters that moto's method reads by name, and those of _ACCEPTED."""
    method = getattr(KinesisResponse, xform_name(name), None)
    source = inspect.getsource(method) if method else ""
    shape = load_service("kinesis").operation_model(name).input_shape
    read = {member for member in (shape.members if shape else {}) if method is None or f'"{member}"' in source}
    return read | _ACCEPTED.get(name, set())


def _backend(context: Any) -> models.KinesisBackend:
    return models.kinesis_backends[context.account_id][context.region]


def _stream_name(request: dict[str, Any]) -> str:
    return str(request.get("StreamName") or request.get("StreamARN", "").rpartition(":stream/")[2])


def _stream(context: Any, request: dict[str, Any]) -> Stream:
    name = _stream_name(request)
    stream = _backend(context).streams.get(name)
    if stream is None:
        raise ResourceNotFoundException(f"Stream {name} under account {context.account_id} not found.")
    return cast("Stream", stream)


def _token(request: dict[str, Any], last: str) -> str:
    """Return the token of the next page: AWS, too, refuses stream and filter beside it."""
    shard_filter = dict(request.get("ShardFilter") or {})
    if time := shard_filter.get("Timestamp"):
        shard_filter["Timestamp"] = time.timestamp()
    page = {"stream": _stream_name(request), "filter": shard_filter, "after": last}
    return base64.b64encode(json.dumps(page).encode()).decode()


def _read_token(token: str) -> dict[str, Any]:
    try:
        page = json.loads(base64.b64decode(token, validate=True))
        shard_filter = page["filter"]
        if "Timestamp" in shard_filter:
            shard_filter["Timestamp"] = datetime.fromtimestamp(shard_filter["Timestamp"], UTC)
        return {
            "StreamName": page["stream"],
            "ShardFilter": shard_filter or None,
            "ExclusiveStartShardId": page["after"],
        }
    except (ValueError, KeyError, TypeError):
        raise InvalidArgumentException("NextToken is none that ListShards gave") from None


def _parents(shard: Shard) -> list[str]:
    return [parent for parent in (shard.parent, shard.adjacent_parent) if parent]


def _child(shard: Shard) -> dict[str, Any]:
    hash_range = shard.to_json()["HashKeyRange"]
    return {"ShardId": shard.shard_id, "ParentShards": _parents(shard), "HashKeyRange": hash_range}
