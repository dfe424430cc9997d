"""No parameter of a delivery stream is accepted and then ignored, by botocore's model of the API."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.model import ListShape, MapShape, StructureShape
from snowveil_localstack.firehose import parameters
from snowveil_localstack.firehose.destination import UnsupportedDestinationError
from snowveil_localstack.firehose.parameters import check_parameters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import Shape

    type Leaf = tuple[str, dict[str, Any]]

LISTED = parameters._HONOURED | parameters._DESCRIBED_ONLY | parameters._ONLY_OFF.keys()
OPERATIONS = {
    "CreateDeliveryStream": "ExtendedS3DestinationConfiguration",
    "UpdateDestination": "ExtendedS3DestinationUpdate",
}


def leaves(shape: Shape, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each place of the model where a value stands, with a request that has a value there alone."""
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            for place, value in leaves(member, f"{path}.{name}" if path else name):
                yield place, {name: value}
    elif isinstance(shape, ListShape):
        for place, value in leaves(shape.member, f"{path}[]"):
            yield place, [value]
    elif isinstance(shape, MapShape):
        yield path, {"name": "value"}
    else:
        yield path, "given"


@functools.cache
def model_leaves(operation: str) -> dict[str, Any]:
    shape = botocore.session.get_session().get_service_model("firehose").operation_model(operation).input_shape
    assert shape is not None
    destination = OPERATIONS[operation]
    return {
        f"S3.{path.removeprefix(f'{destination}.')}" if path.startswith(f"{destination}.") else path: request
        for path, request in leaves(shape)
    }


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_parameter_of_the_api_is_listed_or_refused(operation: str) -> None:
    accepted = set()
    for path, request in model_leaves(operation).items():
        try:
            check_parameters(request)
        except UnsupportedDestinationError as error:
            assert path.removeprefix("S3.") in str(error)  # noqa: PT017 - most are refused
        else:
            accepted.add(path)
    assert accepted == (LISTED - parameters._ONLY_OFF.keys()) & model_leaves(operation).keys()
    assert len(accepted) > 10


def test_each_listed_parameter_is_one_of_the_api() -> None:
    assert model_leaves("CreateDeliveryStream").keys() | model_leaves("UpdateDestination").keys() >= LISTED


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_unsupported_feature_can_be_turned_off(operation: str) -> None:
    name = OPERATIONS[operation]
    check_parameters({name: {"S3BackupMode": "Disabled", "DynamicPartitioningConfiguration": {"Enabled": False}}})
    for on in ({"S3BackupMode": "Enabled"}, {"DataFormatConversionConfiguration": {"Enabled": True}}):
        with pytest.raises(UnsupportedDestinationError, match="can only be"):
            check_parameters({name: on})
