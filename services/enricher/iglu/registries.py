"""The places that schemas come from: a directory of the bundle, an HTTP registry, a bucket in Iglu's static layout.

A lookup answers with the schema's text or says how it failed, in the words of Iglu's client (lookup history of a failed
event). An answer of a registry is never quoted: it may repeat the sender's schema name.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

import boto3
import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from services.enricher.iglu.schema import NotJsonError, Schema, SchemaError, compiled
from services.enricher.support import aws
from wire.self_describing import SchemaKey, SchemaKeyError

type LookupFault = Literal["NotFound", "RepoFailure", "ClientFailure"]

# Iglu's client: maxRetry 2, maxWait 1 second; an answer is a schema, which nobody writes in megabytes.
_RETRIES = urllib3.Retry(
    2,
    redirect=0,
    status_forcelist=range(500, 600),
    backoff_factor=0.5,
    backoff_max=1,
    raise_on_status=False,
    raise_on_redirect=False,
)
_TIMEOUT = urllib3.Timeout(connect=5, read=5)
_LARGEST = 1_000_000


class RegistryError(Exception):
    """The registry cannot be used; one line with the file and the defect."""


@dataclass(frozen=True, slots=True)
class LookupFailure:
    """Why a registry gave no schema; a message is ours and quotes nothing."""

    error: LookupFault
    message: str | None = None


NOT_FOUND = LookupFailure("NotFound")


class Registry(Protocol):
    """A place that schemas come from."""

    @property
    def is_local(self) -> bool:
        """Tell whether a lookup costs nothing and never fails: such a place is asked before the others."""
        ...

    def lookup(self, key: SchemaKey) -> Schema | LookupFailure:
        """Return the schema, or why there is none. Raises SchemaError for one that nothing can be validated with."""
        ...


class Directory:
    """A directory `<vendor>/<name>/jsonschema/<version>`, read and compiled at the start.

    A broken schema there is an error of the deployment, not of an event: raises RegistryError.
    """

    is_local = True

    def __init__(self, directory: Path) -> None:
        if not directory.is_dir():
            raise RegistryError(f"{directory}: no directory of schemas; set iglu.registry to one")
        self._schemas: dict[SchemaKey, Schema] = {}
        for file in sorted(directory.glob("*/*/jsonschema/*")):
            try:
                key = SchemaKey.parse(f"iglu:{file.relative_to(directory).as_posix()}")
                self._schemas[key] = compiled(file.read_bytes(), key)
            except SchemaKeyError:
                raise RegistryError(
                    f"{file}: not at <vendor>/<name>/jsonschema/<model>-<revision>-<addition>"
                ) from None
            except SchemaError as error:
                raise RegistryError(f"{file}: {error}") from None
        if not self._schemas:
            raise RegistryError(f"{directory}: holds no schema <vendor>/<name>/jsonschema/<version>")
        for key, schema in list(self._schemas.items()):
            for older in schema.supersedes:
                self._supersede(older, key)

    def lookup(self, key: SchemaKey) -> Schema | LookupFailure:
        """Return the schema, or that it is not there."""
        return self._schemas.get(key, NOT_FOUND)

    def _supersede(self, older: SchemaKey, newer: SchemaKey) -> None:
        schema = self._schemas.get(older)
        if schema is None:
            raise RegistryError(f"{newer}: supersedes {older.version}, which is not in the registry")
        if schema.superseded_by is None or schema.superseded_by.number < newer.number:
            self._schemas[older] = replace(schema, superseded_by=newer)


class HttpRegistry:
    """A registry that answers `GET <uri>/schemas/<vendor>/<name>/<format>/<version>`."""

    is_local = False

    def __init__(self, uri: str, api_key: str | None) -> None:
        self._uri = uri.rstrip("/")
        self._pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=_RETRIES, headers=_headers(api_key))

    def lookup(self, key: SchemaKey) -> Schema | LookupFailure:
        """Ask the registry, again after a passing failure."""
        try:
            answer = self._pool.request("GET", f"{self._uri}/schemas/{key.path}", preload_content=False)
            try:
                text = answer.read(_LARGEST + 1)
            finally:
                answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            return LookupFailure("RepoFailure", type(error).__name__)
        if answer.status == 404:
            return NOT_FOUND
        if answer.status >= 500:
            return LookupFailure("RepoFailure", "Unexpected server response")
        if answer.status != 200:
            return LookupFailure("ClientFailure", f"Unexpected response code: {answer.status}")
        return _schema(text, key)


class BucketRegistry:
    """A bucket in Iglu's static layout, `s3://<bucket>/<prefix>`, read with the instance's own role."""

    is_local = False

    def __init__(self, uri: str) -> None:
        self._bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix.rstrip('/')}/schemas/".lstrip("/")
        self._s3 = boto3.client("s3", config=aws.CLIENT_CONFIG)

    def lookup(self, key: SchemaKey) -> Schema | LookupFailure:
        """Read the object; without the permission to list, S3 answers a missing one with 403, which is a failure."""
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=self._prefix + key.path)
            text = answer["Body"].read(_LARGEST + 1)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            return NOT_FOUND if code == "NoSuchKey" else LookupFailure("RepoFailure", code)
        except BotoCoreError as error:
            return LookupFailure("RepoFailure", type(error).__name__)
        return _schema(text, key)


def _schema(text: bytes, key: SchemaKey) -> Schema | LookupFailure:
    if len(text) > _LARGEST:
        return LookupFailure("ClientFailure", f"longer than {_LARGEST} bytes")
    try:
        return compiled(text, key)
    except NotJsonError:
        return LookupFailure("ClientFailure", "the answer is no JSON object")


def _headers(api_key: str | None) -> dict[str, str]:
    return {} if api_key is None else {"apikey": api_key}
