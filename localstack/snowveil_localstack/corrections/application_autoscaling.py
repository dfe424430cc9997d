"""Application Auto Scaling: moto has no tags there."""

from __future__ import annotations

from typing import Any

from localstack.services.moto import call_moto

_tags: dict[str, dict[str, str]] = {}  # by ARN of the scalable target


def register_scalable_target(context: Any, request: Any) -> Any:
    """Register, and keep the tags."""
    response = call_moto(context)
    _tags.setdefault(response["ScalableTargetARN"], {}).update(request.get("Tags") or {})
    return response


def tag_resource(_context: Any, request: Any) -> Any:
    """Add tags."""
    _tags.setdefault(request["ResourceARN"], {}).update(request["Tags"])
    return {}


def untag_resource(_context: Any, request: Any) -> Any:
    """Remove tags."""
    for key in request["TagKeys"]:
        _tags.get(request["ResourceARN"], {}).pop(key, None)
    return {}


def list_tags_for_resource(_context: Any, request: Any) -> Any:
    """List tags."""
    return {"Tags": _tags.get(request["ResourceARN"], {})}


OPERATIONS = {
    "RegisterScalableTarget": register_scalable_target,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTagsForResource": list_tags_for_resource,
}
