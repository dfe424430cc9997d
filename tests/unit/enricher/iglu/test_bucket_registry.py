"""A registry in a bucket: what S3's answers mean for an event that names a schema."""

import io
from collections.abc import Iterator

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from services.enricher.iglu.registries import NOT_FOUND, BucketRegistry, LookupFailure
from services.enricher.iglu.schema import Schema
from tests.fixtures.iglu_registry import THING, schema
from wire.self_describing import SchemaKey

KEY = "iglu/schemas/com.acme/thing/jsonschema/1-0-0"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> BucketRegistry:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    return BucketRegistry("s3://registry/iglu/")


@pytest.fixture
def s3(bucket: BucketRegistry) -> Iterator[Stubber]:
    with Stubber(bucket._s3) as stubber:
        yield stubber


def test_an_object_of_the_bucket_is_read_as_a_schema(bucket: BucketRegistry, s3: Stubber) -> None:
    body = schema(THING)
    answer = {"Body": StreamingBody(io.BytesIO(body), len(body))}
    s3.add_response("get_object", answer, {"Bucket": "registry", "Key": KEY})
    assert isinstance(bucket.lookup(THING), Schema)


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("NoSuchKey", 404, NOT_FOUND),
        ("AccessDenied", 403, LookupFailure("ClientFailure", "AccessDenied")),
        ("NoSuchBucket", 404, LookupFailure("ClientFailure", "NoSuchBucket")),
        ("PermanentRedirect", 301, LookupFailure("ClientFailure", "PermanentRedirect")),
        ("ExpiredToken", 400, LookupFailure("ClientFailure", "ExpiredToken")),
        ("SlowDown", 503, LookupFailure("RepoFailure", "SlowDown")),
        ("InternalError", 500, LookupFailure("RepoFailure", "InternalError")),
    ],
)
def test_only_an_error_of_s3s_own_is_waited_for(
    bucket: BucketRegistry, s3: Stubber, code: str, status: int, expected: LookupFailure
) -> None:
    s3.add_client_error("get_object", code, http_status_code=status)
    assert bucket.lookup(THING) == expected


def test_no_connection_is_waited_for(bucket: BucketRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://s3")

    monkeypatch.setattr(bucket._s3, "get_object", unreachable)
    assert bucket.lookup(THING) == LookupFailure("RepoFailure", "EndpointConnectionError")


def test_a_key_longer_than_s3_has_is_not_asked_for(bucket: BucketRegistry, s3: Stubber) -> None:
    found = bucket.lookup(SchemaKey.parse(f"iglu:com.acme/thing/{'x' * 1_000}/1-0-0"))
    assert isinstance(found, LookupFailure)
    assert found.error == "ClientFailure"
    s3.assert_no_pending_responses()
