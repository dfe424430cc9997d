from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from snowveil_localstack.firehose.buffer import BufferHints
from snowveil_localstack.firehose.destination import UnsupportedDestinationError, read_destination
from snowveil_localstack.firehose.records import OutputRecord
from snowveil_localstack.firehose.s3_object import put_request

MIB = 1024 * 1024
MINIMUM = {"BucketARN": "arn:aws:s3:::lake", "RoleARN": "arn:aws:iam::0:role/r"}
WHEN_MS = int(datetime(2026, 1, 2, 3, 59, 59, tzinfo=UTC).timestamp() * 1000)


def processing(*parameters: tuple[str, str]) -> dict[str, Any]:
    named = [{"ParameterName": name, "ParameterValue": value} for name, value in parameters]
    return {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": named}]}


def test_settings_that_are_absent_have_the_defaults_of_aws() -> None:
    destination = read_destination({**MINIMUM, "ProcessingConfiguration": processing(("LambdaArn", "arn:f:live"))})
    assert destination.hints == BufferHints(5 * MIB, 300)
    assert not destination.gzip
    assert destination.kms_key_arn is None
    assert destination.processor is not None
    assert destination.processor.arn == "arn:f:live"
    assert destination.processor.hints == BufferHints(MIB, 60)
    assert destination.processor.retries == 3


def test_settings_are_read_and_intervals_are_capped() -> None:
    parameters = [
        ("LambdaArn", "f"),
        ("BufferSizeInMBs", "0.5"),
        ("BufferIntervalInSeconds", "30"),
        ("NumberOfRetries", "1"),
    ]
    description = {
        **MINIMUM,
        "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 1},
        "ProcessingConfiguration": processing(*parameters),
    }
    destination = read_destination(description, max_seconds=2)
    assert destination.hints == BufferHints(64 * MIB, 1)
    assert destination.processor is not None
    assert destination.processor.hints == BufferHints(MIB // 2, 2)
    assert destination.processor.retries == 1


@pytest.mark.parametrize(
    "description",
    [
        {"CompressionFormat": "ZIP"},
        {"ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "AppendDelimiterToRecord"}]}},
        {"ProcessingConfiguration": processing(("RoleArn", "r"))},
        {"ProcessingConfiguration": processing(("LambdaArn", "f"), ("Delimiter", "n"))},
        {"ProcessingConfiguration": processing(("LambdaArn", "f"), ("BufferIntervalInSeconds", "-5"))},
        {"ProcessingConfiguration": processing(("LambdaArn", "f"), ("BufferIntervalInSeconds", "5000"))},
        {"ProcessingConfiguration": processing(("LambdaArn", "f"), ("BufferIntervalInSeconds", "30.5"))},
        {"ProcessingConfiguration": processing(("LambdaArn", "f"), ("BufferSizeInMBs", "0.1"))},
        {"ProcessingConfiguration": processing(("LambdaArn", "f"), ("BufferSizeInMBs", "much"))},
        {"ProcessingConfiguration": processing(("LambdaArn", "f"), ("NumberOfRetries", "301"))},
        {"BufferingHints": {"SizeInMBs": 0}},
        {"BufferingHints": {"IntervalInSeconds": 901}},
        {"CustomTimeZone": "Europe/Nowhere"},
        {"CustomTimeZone": "../../etc"},
    ],
)
def test_an_invalid_or_unsupported_setting_is_refused(description: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedDestinationError):
        read_destination({**MINIMUM, **description})


def test_an_object_is_named_by_its_oldest_record_and_joined_without_delimiters() -> None:
    encryption = {"KMSEncryptionConfig": {"AWSKMSKeyARN": "arn:key"}}
    description = {**MINIMUM, "CompressionFormat": "GZIP", "Prefix": "output/", "EncryptionConfiguration": encryption}
    records = [OutputRecord(b"a", WHEN_MS + 1000), OutputRecord(b"b\n", WHEN_MS)]
    request = put_request(read_destination(description), "fire", "7", records)
    assert re.fullmatch(r"output/2026/01/02/03/fire-7-2026-01-02-03-59-59-[0-9a-f-]{36}\.gz", request["Key"])
    assert gzip.decompress(request["Body"]) == b"ab\n"
    assert (request["ServerSideEncryption"], request["SSEKMSKeyId"]) == ("aws:kms", "arn:key")
    assert request["Bucket"] == "lake"


def test_an_uncompressed_object_has_its_own_extension_and_no_encryption_of_its_own() -> None:
    description = {**MINIMUM, "FileExtension": ".tsv", "ErrorOutputPrefix": "e/"}
    records = [OutputRecord(b"a", WHEN_MS)]
    request = put_request(read_destination(description), "fire", "1", records, "processing-failed")
    assert request["Key"].startswith("e/processing-failed/2026/01/02/03/fire-1-")
    assert request["Key"].endswith(".tsv")
    assert request["Body"] == b"a"
    assert "ServerSideEncryption" not in request


def test_dates_are_in_the_custom_time_zone() -> None:
    description = {**MINIMUM, "Prefix": "o/!{timestamp:yyyy/MM/dd/HH/}", "ErrorOutputPrefix": "e/"}
    destination = read_destination({**description, "CustomTimeZone": "Asia/Tokyo"})
    for kind, prefix in ((None, "o"), ("processing-failed", "e/processing-failed")):
        request = put_request(destination, "fire", "1", [OutputRecord(b"a", WHEN_MS)], kind)
        assert request["Key"].startswith(f"{prefix}/2026/01/02/12/fire-1-2026-01-02-12-59-59-")
