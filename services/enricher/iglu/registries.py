"""The places that schemas come from: a directory of the bundle, an HTTP registry, a bucket in Iglu's static layout.

A lookup answers with the schema's text or says how it failed, in the words of Iglu's client (lookup history of a failed
event): `NotFound`; `ClientFailure`, an answer that is not a schema, so the schema is not here either; `RepoFailure`, no
answer at all, so the schema may be here. An answer of a registry is never quoted: it may repeat the sender's schema
name.
"""

import codecs
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

import boto3
import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from services.enricher.iglu.schema import NotJsonError, Schema, SchemaError, compiled
from services.enricher.support import aws, http
from wire.self_describing import SchemaKey, SchemaKeyError

type LookupFault = Literal["NotFound", "RepoFailure", "ClientFailure"]

# One attempt: whoever asks decides whether to wait for another. A redirect is an answer too.
_RETRIES = urllib3.Retry(0, redirect=0, raise_on_status=False, raise_on_redirect=False)
_TIMEOUT = urllib3.Timeout(connect=5, read=5)
_ANSWER_SECONDS = 10.0  # for all of an answer: one byte every four seconds is not a time-out of the connection
_LARGEST = 1_000_000  # a schema, which nobody writes in megabytes
_LONGEST_PATH = 900  # S3 has keys of at most 1,024 bytes, and a server may close the connection on a longer URL
_log = logging.getLogger(__name__)


class RegistryError(Exception):
    """The registry cannot be used; one line with the file and the defect."""


@dataclass(frozen=True, slots=True)
class LookupFailure:
    """Why a registry gave no schema; a message is ours and quotes nothing."""

    error: LookupFault
    message: str | None = None


NOT_FOUND = LookupFailure("NotFound")
_TOO_LONG = LookupFailure("ClientFailure", "the schema's name is longer than any that is looked up")
_FIRST_SERVER_ERROR = 500


class Registry(Protocol):
    """A place that schemas come from."""

    @property
    def is_local(self) -> bool:
        """Return whether a lookup costs nothing and never fails: such a place is asked before the others."""
        ...

    def lookup(self, key: SchemaKey) -> Schema | LookupFailure:
        """Return the schema, or why there is none. Raises SchemaError for one that nothing can be validated with."""
        ...


class Directory:
    """A directory `<vendor>/<name>/jsonschema/<version>`, read and compiled at the start.

    `broken` says what is wrong with a file that cannot be used, one line each: it fails the events that name its
    schema, and no others. Raises RegistryError for a directory that holds no schema.
    """

    is_local = True

    def __init__(self, directory: Path) -> None:
        if not directory.is_dir():
            raise RegistryError(f"{directory}: no directory of schemas; set iglu.registry to one")
        self.broken: list[str] = []
        self._schemas: dict[SchemaKey, Schema] = {}
        self._unusable: dict[SchemaKey, SchemaError] = {}
        for file in sorted(directory.glob("*/*/jsonschema/*")):
            self._read(file, directory)
        if not self._schemas and not self._unusable:
            raise RegistryError(f"{directory}: holds no schema <vendor>/<name>/jsonschema/<version>")
        for key, schema in list(self._schemas.items()):
            for older in schema.supersedes:
                self._supersede(older, key)
        for line in self.broken:
            _log.error("%s", line)

    def lookup(self, key: SchemaKey) -> Schema | LookupFailure:
        """Return the schema, or that it is not there. Raises SchemaError for one that is there and broken."""
        if key in self._unusable:
            raise self._unusable[key]
        return self._schemas.get(key, NOT_FOUND)

    def _read(self, file: Path, directory: Path) -> None:
        try:
            key = SchemaKey.parse(f"iglu:{file.relative_to(directory).as_posix()}")
        except SchemaKeyError:
            self.broken.append(f"{file}: not at <vendor>/<name>/jsonschema/<model>-<revision>-<addition>; not used")
            return
        try:
            self._schemas[key] = compiled(file.read_bytes(), key)
        except (SchemaError, OSError) as error:
            defect = error if isinstance(error, SchemaError) else SchemaError(f"cannot be read: {error.strerror}")
            self._unusable[key] = defect
            self.broken.append(f"{file}: {defect}; events of this schema fail")

    def _supersede(self, older: SchemaKey, newer: SchemaKey) -> None:
        schema = self._schemas.get(older)
        if schema is None:
            self.broken.append(f"{newer}: supersedes {older.version}, which is not in the registry")
        elif schema.superseded_by is None or schema.superseded_by.number < newer.number:
            self._schemas[older] = replace(schema, superseded_by=newer)


class HttpRegistry:
    """A registry that answers `GET <uri>/schemas/<vendor>/<name>/<format>/<version>`."""

    is_local = False

    def __init__(self, uri: str, api_key: str | None) -> None:
        self._uri = uri.rstrip("/")
        self._pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=_RETRIES, headers=_headers(api_key))

    def lookup(self, key: SchemaKey) -> Schema | LookupFailure:
        """Ask the registry once."""
        if len(key.path) > _LONGEST_PATH:
            return _TOO_LONG
        try:
            answer = self._pool.request("GET", f"{self._uri}/schemas/{key.path}", preload_content=False)
            try:
                text = http.read(answer, _LARGEST, _ANSWER_SECONDS)
            finally:
                answer.release_conn()
        except urllib3.exceptions.DecodeError:
            return LookupFailure("ClientFailure", "the answer is not encoded as it says")
        except urllib3.exceptions.HTTPError as error:
            return LookupFailure("RepoFailure", type(error).__name__)
        if answer.status == 404:
            return NOT_FOUND
        if answer.status >= _FIRST_SERVER_ERROR:
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
        """Read the object once.

        Without the permission to list, S3 answers a missing one with 403 as well (`s3:ListBucket` in modules/enricher).
        """
        if len(self._prefix + key.path) > _LONGEST_PATH:
            return _TOO_LONG
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=self._prefix + key.path)
            text = answer["Body"].read(_LARGEST + 1)
        except ClientError as error:
            code = aws.error_code(error)
            if code == "NoSuchKey":
                return NOT_FOUND
            return LookupFailure("RepoFailure" if aws.is_transient(error) else "ClientFailure", code)
        except (BotoCoreError, urllib3.exceptions.HTTPError) as error:  # the body is read by urllib3
            return LookupFailure("RepoFailure", type(error).__name__)
        return _schema(text, key)


def _schema(text: bytes, key: SchemaKey) -> Schema | LookupFailure:
    if len(text) > _LARGEST:
        return LookupFailure("ClientFailure", f"longer than {_LARGEST} bytes")
    try:
        return compiled(text.removeprefix(codecs.BOM_UTF8), key)
    except NotJsonError:
        return LookupFailure("ClientFailure", "the answer is not a JSON object")


def _headers(api_key: str | None) -> dict[str, str]:
    return {} if api_key is None else {"apikey": api_key}
