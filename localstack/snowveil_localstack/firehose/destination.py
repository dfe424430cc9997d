"""A delivery stream's S3 destination and processor, read from what the API describes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from snowveil_localstack.firehose.buffer import BufferHints

if TYPE_CHECKING:
    from collections.abc import Mapping

_MIB = 1024 * 1024


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
    """Where and how objects are written. Prefixes are empty and `kms_key_arn` is None where not set."""

    bucket: str
    role_arn: str
    prefix: str
    error_output_prefix: str
    hints: BufferHints
    gzip: bool
    file_extension: str
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
        hints=_hints(buffering.get("SizeInMBs", 5), buffering.get("IntervalInSeconds", 300), max_seconds),
        gzip=compression == "GZIP",
        file_extension=description.get("FileExtension") or (".gz" if compression == "GZIP" else ""),
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
    if "LambdaArn" not in parameters:
        raise UnsupportedDestinationError("the processor of type Lambda has no parameter LambdaArn")
    size, interval = parameters.get("BufferSizeInMBs", 1), parameters.get("BufferIntervalInSeconds", 60)
    return LambdaProcessor(
        arn=parameters["LambdaArn"],
        hints=_hints(size, interval, max_seconds),
        retries=int(parameters.get("NumberOfRetries", 3)),
    )


def _hints(megabytes: float | str, seconds: float | str, max_seconds: float | None) -> BufferHints:
    interval = float(seconds) if max_seconds is None else min(float(seconds), max_seconds)
    return BufferHints(int(float(megabytes) * _MIB), interval)
