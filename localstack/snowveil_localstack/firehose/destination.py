"""A delivery stream's S3 destination and processor, read from what the API describes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from snowveil_localstack.firehose.buffer import BufferHints

if TYPE_CHECKING:
    from collections.abc import Mapping

_MIB = 1024 * 1024
_PROCESSOR_PARAMETERS = frozenset(
    {"BufferIntervalInSeconds", "BufferSizeInMBs", "LambdaArn", "NumberOfRetries", "RoleArn"}
)


class UnsupportedDestinationError(ValueError):
    """The configuration asks for something this Firehose does not do."""


@dataclass(frozen=True)
class LambdaProcessor:
    """The transformation: its ARN with any qualifier, the buffer before it, and how often a failed call is repeated."""

    arn: str
    hints: BufferHints
    retries: int


@dataclass(frozen=True)
class Destination:
    """Where and how objects are written. Prefixes are empty and `kms_key_arn` is None where not set.

    `time_zone` is that of the dates in an object's name.
    """

    bucket: str
    role_arn: str
    prefix: str
    error_output_prefix: str
    hints: BufferHints
    gzip: bool
    file_extension: str
    time_zone: ZoneInfo
    kms_key_arn: str | None
    processor: LambdaProcessor | None


def read_destination(description: Mapping[str, Any], max_seconds: float | None = None) -> Destination:
    """Read an ExtendedS3DestinationDescription. `max_seconds` caps both intervals.

    AWS's defaults hold for what is not set. Raises UnsupportedDestinationError.
    """
    compression = description.get("CompressionFormat", "UNCOMPRESSED")
    if compression not in ("UNCOMPRESSED", "GZIP"):
        raise UnsupportedDestinationError(f"CompressionFormat {compression} is not supported here, only GZIP")
    buffering = description.get("BufferingHints") or {}
    encryption = description.get("EncryptionConfiguration") or {}
    return Destination(
        bucket=description["BucketARN"].split(":::")[1],
        role_arn=description["RoleARN"],
        prefix=description.get("Prefix") or "",
        error_output_prefix=description.get("ErrorOutputPrefix") or "",
        hints=BufferHints(
            _number("BufferingHints.SizeInMBs", buffering.get("SizeInMBs", 5), 1, 128) * _MIB,
            _capped(
                _number("BufferingHints.IntervalInSeconds", buffering.get("IntervalInSeconds", 300), 0, 900),
                max_seconds,
            ),
        ),
        gzip=compression == "GZIP",
        file_extension=description.get("FileExtension") or (".gz" if compression == "GZIP" else ""),
        time_zone=_time_zone(description.get("CustomTimeZone") or "UTC"),
        kms_key_arn=(encryption.get("KMSEncryptionConfig") or {}).get("AWSKMSKeyARN"),
        processor=_processor(description.get("ProcessingConfiguration") or {}, max_seconds),
    )


def _processor(processing: Mapping[str, Any], max_seconds: float | None) -> LambdaProcessor | None:
    if not processing.get("Enabled"):
        return None
    processors = processing.get("Processors") or []
    kinds = [processor["Type"] for processor in processors]
    if kinds != ["Lambda"]:
        raise UnsupportedDestinationError(f"processors {kinds} are not supported here, only one of type Lambda")
    parameters = {p["ParameterName"]: p["ParameterValue"] for p in processors[0].get("Parameters") or []}
    if unknown := sorted(parameters.keys() - _PROCESSOR_PARAMETERS):
        raise UnsupportedDestinationError(f"the processor's parameter {unknown[0]} is not supported here")
    if "LambdaArn" not in parameters:
        raise UnsupportedDestinationError("the processor of type Lambda has no parameter LambdaArn")
    interval = _number("BufferIntervalInSeconds", parameters.get("BufferIntervalInSeconds", "60"), 0, 900)
    return LambdaProcessor(
        arn=parameters["LambdaArn"],
        hints=BufferHints(
            int(_fraction("BufferSizeInMBs", parameters.get("BufferSizeInMBs", "1"), 0.2, 3) * _MIB),
            _capped(interval, max_seconds),
        ),
        retries=_number("NumberOfRetries", parameters.get("NumberOfRetries", "3"), 0, 300),
    )


def _time_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UnsupportedDestinationError(f"CustomTimeZone {name} is not a time zone") from None


def _number(name: str, text: object, least: int, most: int) -> int:
    """Return a whole number in AWS's range: of the API's model, or of the documentation where the model has a text."""
    if not str(text).isdecimal() or not least <= int(str(text)) <= most:
        raise UnsupportedDestinationError(f"{name} is a whole number from {least} to {most}, not {text}")
    return int(str(text))


def _fraction(name: str, text: str, least: float, most: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not least <= value <= most:
        raise UnsupportedDestinationError(f"{name} is a number from {least} to {most}, not {text}")
    return value


def _capped(seconds: int, max_seconds: float | None) -> float:
    return seconds if max_seconds is None else min(seconds, max_seconds)
