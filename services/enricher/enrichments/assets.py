"""The files that enrichments read, such as MaxMind's: fetched at the start and kept current without a restart.

A file is copied before it is read, and put in place of the old one only when it could be read as a whole: a file that
is half written, broken or gone leaves the old one in use and a line in the log (docs/adr/0026-assets.md).
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

import boto3

from services.enricher.support import aws

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHECK_SECONDS = 600.0
_CHUNK = 1 << 20
_EMBEDDED = Path(__file__).parent / "data"  # what comes with the program
_log = logging.getLogger(__name__)


class AssetError(Exception):
    """A file cannot be had or read: one line with its address and the defect."""


class _Source(Protocol):
    def version(self) -> str:
        """Return what changes when the file changes. Raises AssetError."""

    def copy(self, to: Path, version: str) -> None:
        """Write the file of this version. Raises AssetError, also when it is another by now."""


class Asset[Content]:
    """The content of one file: `value` is the newest that could be read."""

    def __init__(self, address: str, source: _Source, read: Callable[[Path], Content], scratch: Path) -> None:
        self._address = address
        self._source = source
        self._read = read
        self._scratch = scratch
        self._version = source.version()
        self._refused: str | None = None
        self.value = self._load(self._version)

    def refresh(self) -> None:
        """Take a changed file in; keep the old content if that fails, and read a refused version no second time."""
        version = None
        try:
            version = self._source.version()
            if version in (self._version, self._refused):
                return
            self.value = self._load(version)
        except AssetError as error:
            self._refused = version
            _log.error("%s; the file from before stays in use", error)
            return
        except Exception as defect:  # noqa: BLE001 - the files behind this one are refreshed all the same
            _log.error("%s: bug: %s; the file from before stays in use", self._address, type(defect).__name__)
            return
        self._version = version
        _log.info("%s: changed and in use", self._address)

    def _load(self, version: str) -> Content:
        descriptor, name = tempfile.mkstemp(dir=self._scratch)
        os.close(descriptor)
        copy = Path(name)
        try:
            self._source.copy(copy, version)
            return self._read(copy)
        except (ValueError, OSError) as defect:
            raise AssetError(f"{self._address}: not usable ({type(defect).__name__}: {_first_line(defect)})") from None
        except AssetError:
            raise
        except Exception as defect:  # noqa: BLE001 - what a library raises for a file that it did not expect
            raise AssetError(f"{self._address}: not usable ({type(defect).__name__})") from None
        finally:
            copy.unlink()  # what is mapped into memory stays there


class Assets:
    """All files in use, and the thread that looks whether they have changed; buckets are in `region`."""

    def __init__(self, region: str | None = None, s3: "S3Client | None" = None) -> None:
        self._region, self._given_s3 = region, s3
        self._scratch = tempfile.TemporaryDirectory(prefix="snowveil-assets-")
        self._assets: list[Asset[object]] = []

    def use[Content](self, uri: str, name: str, read: Callable[[Path], Content]) -> Asset[Content]:
        """Fetch `<uri>/<name>`; `read` raises ValueError for a file that it cannot use. Raises AssetError."""
        address = f"{uri.rstrip('/')}/{name}"
        asset = Asset(address, self._source(address), read, Path(self._scratch.name))
        self._assets.append(asset)  # type: ignore[arg-type]  # only refreshed from here, whatever it holds
        return asset

    def refresh(self) -> None:
        """Look at every file once."""
        for asset in self._assets:
            asset.refresh()

    def keep_current(self, stop: Event) -> None:
        """Look at every file each ten minutes, in a thread, until `stop` is set."""
        if self._assets:
            Thread(target=self._watch, args=(stop,), name="assets", daemon=True).start()

    def _watch(self, stop: Event) -> None:
        while not stop.wait(CHECK_SECONDS):
            try:
                self.refresh()
            except Exception as error:  # noqa: BLE001 - the thread must live on: files stay as they are
                _log.error("bug: %s while files were refreshed", type(error).__name__)

    @cached_property
    def _s3(self) -> "S3Client":
        return self._given_s3 or boto3.client("s3", region_name=self._region, config=aws.CLIENT_CONFIG)

    def _source(self, address: str) -> _Source:
        parts = urlsplit(address)
        if parts.scheme == "file" and parts.netloc in ("", "localhost"):
            return _LocalFile(Path(unquote(parts.path)))
        if parts.scheme == "embedded" and not parts.netloc:
            return _LocalFile(_EMBEDDED / parts.path.lstrip("/"))
        if parts.scheme == "s3" and parts.netloc:
            return _S3Object(parts.netloc, unquote(parts.path).lstrip("/"), self._s3)
        raise AssetError(
            f"{address}: only file:///<directory>, s3://<bucket>/<prefix> and embedded:/// can be read: no route leads "
            "out of the network; copy the file to a bucket that `assets` in modules/enricher names"
        )


@dataclass(frozen=True, slots=True)
class _LocalFile:
    path: Path

    def version(self) -> str:
        try:
            state = self.path.stat()
        except OSError as error:
            raise AssetError(f"{self.path}: {error.strerror}") from None
        return f"{state.st_ino} {state.st_size} {state.st_mtime_ns}"

    def copy(self, to: Path, version: str) -> None:
        shutil.copyfile(self.path, to)
        if self.version() != version:
            raise AssetError(f"{self.path}: is being written")


@dataclass(frozen=True, slots=True)
class _S3Object:
    bucket: str
    key: str
    s3: "S3Client"

    def version(self) -> str:
        try:
            return self.s3.head_object(Bucket=self.bucket, Key=self.key)["ETag"]
        except aws.ERRORS as error:
            raise self._error("HeadObject", aws.error_code(error)) from None

    def copy(self, to: Path, version: str) -> None:
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=self.key, IfMatch=version)
            with to.open("wb") as file:
                for chunk in answer["Body"].iter_chunks(_CHUNK):
                    file.write(chunk)
        except aws.ERRORS as error:
            raise self._error("GetObject", aws.error_code(error)) from None
        if to.stat().st_size != answer["ContentLength"]:
            raise self._error("GetObject", "the body is shorter than announced")

    def _error(self, operation: str, defect: str) -> AssetError:
        return AssetError(f"s3://{self.bucket}/{self.key}: {operation}: {defect}")


def _first_line(defect: Exception) -> str:
    return next(iter(str(defect).splitlines()), "")
