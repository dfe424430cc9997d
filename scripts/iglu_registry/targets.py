"""Where schemas are copied to: a directory, or a bucket in Iglu's static layout."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from services.enricher.iglu.registries import RegistryError

if TYPE_CHECKING:
    from wire.self_describing import SchemaKey


class Target(Protocol):
    """A place that schemas are copied to."""

    def read(self, key: SchemaKey) -> bytes | None:
        """Return what is there, None for nothing. Raises RegistryError."""
        ...

    def write(self, key: SchemaKey, text: bytes) -> None:
        """Put a schema. Raises RegistryError."""
        ...


class DirectoryTarget:
    """A registry's directory, such as `schemas/`."""

    def __init__(self, directory: Path) -> None:
        self._root = directory

    def read(self, key: SchemaKey) -> bytes | None:
        """Read the file at the schema's place."""
        file = self._root / key.path
        return file.read_bytes() if file.is_file() else None

    def write(self, key: SchemaKey, text: bytes) -> None:
        """Write the file at the schema's place, whole or not at all."""
        file = self._root / key.path
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f".{file.name}.partial")
        partial.write_bytes(text)
        partial.replace(file)


class BucketTarget:
    """`s3://<bucket>/<prefix>`; the enricher's registry of the same address reads `<prefix>/schemas/<key>`."""

    def __init__(self, uri: str) -> None:
        self._bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix.strip('/')}/schemas/" if prefix.strip("/") else "schemas/"
        self._s3 = boto3.client("s3")

    def read(self, key: SchemaKey) -> bytes | None:
        """Get the object of the schema."""
        try:
            return self._s3.get_object(Bucket=self._bucket, Key=self._prefix + key.path)["Body"].read()
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in ("NoSuchKey", "404"):
                return None
            raise RegistryError(f"s3://{self._bucket}/{self._prefix}{key.path}: {code}") from None
        except BotoCoreError as error:
            raise RegistryError(f"s3://{self._bucket}: {type(error).__name__}: are you logged in?") from None

    def write(self, key: SchemaKey, text: bytes) -> None:
        """Put the object of the schema."""
        try:
            self._s3.put_object(
                Bucket=self._bucket, Key=self._prefix + key.path, Body=text, ContentType="application/json"
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise RegistryError(f"s3://{self._bucket}/{self._prefix}{key.path}: {code}") from None
        except BotoCoreError as error:
            raise RegistryError(f"s3://{self._bucket}: {type(error).__name__}: are you logged in?") from None


def target(text: str) -> Target:
    """Return the target that an operator names: a bucket's address or a directory."""
    return BucketTarget(text) if text.startswith("s3://") else DirectoryTarget(Path(text))
