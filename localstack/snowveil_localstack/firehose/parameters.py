"""Which parameters of a delivery stream are honoured. Every other one is refused: none is accepted and then ignored.

Names and places are those of botocore's model of CreateDeliveryStream and UpdateDestination; a test holds this list
against that model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snowveil_localstack.firehose.destination import UnsupportedDestinationError

if TYPE_CHECKING:
    from collections.abc import Iterator

_HONOURED = frozenset(
    {
        "CurrentDeliveryStreamVersionId",
        "DeliveryStreamName",
        "DeliveryStreamType",
        "DestinationId",
        "KinesisStreamSourceConfiguration.KinesisStreamARN",
        "Tags[].Key",
        "Tags[].Value",
        "S3.BucketARN",
        "S3.BufferingHints.IntervalInSeconds",
        "S3.BufferingHints.SizeInMBs",
        "S3.CompressionFormat",
        "S3.CustomTimeZone",
        "S3.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN",
        "S3.ErrorOutputPrefix",
        "S3.FileExtension",
        "S3.Prefix",
        "S3.ProcessingConfiguration.Enabled",
        "S3.ProcessingConfiguration.Processors[].Parameters[].ParameterName",
        "S3.ProcessingConfiguration.Processors[].Parameters[].ParameterValue",
        "S3.ProcessingConfiguration.Processors[].Type",
        "S3.RoleARN",
    }
)
# Described as they were given. LocalStack checks no role, and Firehose's own log and metrics are not written here.
_DESCRIBED_ONLY = frozenset(
    {
        "KinesisStreamSourceConfiguration.RoleARN",
        "S3.CloudWatchLoggingOptions.Enabled",
        "S3.CloudWatchLoggingOptions.LogGroupName",
        "S3.CloudWatchLoggingOptions.LogStreamName",
    }
)
# Features that clients name in order to turn them off.
_ONLY_OFF: dict[str, object] = {
    "S3.DataFormatConversionConfiguration.Enabled": False,
    "S3.DynamicPartitioningConfiguration.Enabled": False,
    "S3.EncryptionConfiguration.NoEncryptionConfig": "NoEncryption",
    "S3.S3BackupMode": "Disabled",
}
_DESTINATIONS = ("ExtendedS3DestinationConfiguration", "ExtendedS3DestinationUpdate")


def check_parameters(request: Any) -> None:
    """Raise UnsupportedDestinationError when a request to create or update names a parameter that has no effect here.

    `request` has the names of AWS's API.
    """
    for path, value in _leaves(request, ""):
        short = path
        for name in _DESTINATIONS:
            if path.startswith(f"{name}."):
                short = f"S3.{path.removeprefix(f'{name}.')}"
        if short in _HONOURED or short in _DESCRIBED_ONLY:
            continue
        if short not in _ONLY_OFF:
            raise UnsupportedDestinationError(f"{path} is not supported here")
        if value != _ONLY_OFF[short]:
            raise UnsupportedDestinationError(f"{path} can only be {_ONLY_OFF[short]} here")


def _leaves(value: Any, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _leaves(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for member in value:
            yield from _leaves(member, f"{path}[]")
    else:
        yield path, value
