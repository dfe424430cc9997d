"""Self-describing JSON `{"schema": "iglu:vendor/name/format/model-revision-addition", "data": …}` and its keys.

Source: Iglu core's grammar. MODEL starts at 1; vendor and name are at most 128 characters. A number of a version fits
into 32 bits with a sign.
"""

import re
from functools import lru_cache
from typing import Self

from msgspec import Struct

# The vendor of Snowplow's own schemas.
SNOWPLOW = "com.snowplowanalytics.snowplow"

_NAMES = r"iglu:([a-zA-Z0-9\-_.]{1,128})/([a-zA-Z0-9\-_]{1,128})/([a-zA-Z0-9\-_]+)"
_MODEL, _OTHER = "[1-9][0-9]{0,9}", "0|[1-9][0-9]{0,9}"
_ANY_VERSION = re.compile(rf"{_NAMES}/[0-9]*-[0-9]*-[0-9]*", re.ASCII)
_LAST_NUMBER = 2**31 - 1
_KEY = re.compile(rf"{_NAMES}/({_MODEL})-({_OTHER})-({_OTHER})", re.ASCII)
# A URI says nothing of a person, and few are in use; a longer one than this is not worth the memory.
_KEYS_KEPT, _KEPT_LENGTH = 2048, 300
_CRITERION = re.compile(rf"{_NAMES}/(\*|{_MODEL})-(\*|{_OTHER})-(\*|{_OTHER})", re.ASCII)


type _Scalar = str | int | bool | None
# The usual data of trackers' entities. Its depth is bounded: what can be read as this type has at most three levels and
# no fraction, so numbers are written as they came.
type FlatData = dict[str, _Scalar | list[_Scalar | dict[str, _Scalar]] | dict[str, _Scalar]]
FLAT_LEVELS = 3


class SchemaKeyError(ValueError):
    """The text is not an Iglu URI; the text itself is never part of the message. `code` is Iglu's."""

    def __init__(self, message: str, code: str = "INVALID_IGLUURI") -> None:
        super().__init__(message)
        self.code = code


class SelfDescribingError(ValueError):
    """The JSON is not self-describing; `code` is Iglu's (`INVALID_IGLUURI`, `INVALID_SCHEMAVER`, …)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SchemaKey(Struct, frozen=True, cache_hash=True):
    """The parts of an Iglu URI."""

    vendor: str
    name: str
    format: str
    model: int
    revision: int
    addition: int

    @staticmethod
    def parse(uri: str) -> "SchemaKey":
        """Read `iglu:vendor/name/format/1-0-0`. Raises SchemaKeyError."""
        return _kept_key(uri) if len(uri) <= _KEPT_LENGTH else _key(uri)

    @property
    def version(self) -> str:
        """`model-revision-addition`."""
        return f"{self.model}-{self.revision}-{self.addition}"

    @property
    def number(self) -> tuple[int, int, int]:
        """The version, to compare it with others of the same schema."""
        return self.model, self.revision, self.addition

    @property
    def path(self) -> str:
        """Path in a static registry below `schemas/`."""
        return f"{self.vendor}/{self.name}/{self.format}/{self.version}"

    def __str__(self) -> str:
        return f"iglu:{self.path}"


def _key(uri: str) -> SchemaKey:
    match = _KEY.fullmatch(uri)
    numbers = list(map(int, match.groups()[3:])) if match else []
    if match is None or max(numbers) > _LAST_NUMBER:
        if _ANY_VERSION.fullmatch(uri):
            raise SchemaKeyError("not a version of the form model-revision-addition", "INVALID_SCHEMAVER")
        raise SchemaKeyError("not an Iglu URI of the form iglu:vendor/name/format/model-revision-addition")
    vendor, name, form = match.groups()[:3]
    return SchemaKey(vendor, name, form, *numbers)


_kept_key = lru_cache(_KEYS_KEPT)(_key)


class Criterion(Struct, frozen=True, cache_hash=True):
    """A set of schema keys: `iglu:vendor/name/format/1-*-*`; a part that is None stands for every number."""

    vendor: str
    name: str
    format: str
    model: int | None
    revision: int | None
    addition: int | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `iglu:vendor/name/format/1-0-*`. Raises SchemaKeyError."""
        match = _CRITERION.fullmatch(text)
        if match is None:
            raise SchemaKeyError("not a criterion of the form iglu:vendor/name/format/1-*-*")
        vendor, name, form, *version = match.groups()
        return cls(vendor, name, form, *(None if part == "*" else int(part) for part in version))

    def matches(self, key: SchemaKey) -> bool:
        """Return whether `key` is in the set."""
        return (
            self.name == key.name
            and self.vendor == key.vendor
            and self.format == key.format
            and self.model in (None, key.model)
            and self.revision in (None, key.revision)
            and self.addition in (None, key.addition)
        )

    def __str__(self) -> str:
        version = "-".join("*" if part is None else str(part) for part in (self.model, self.revision, self.addition))
        return f"iglu:{self.vendor}/{self.name}/{self.format}/{version}"


class SelfDescribing(Struct, frozen=True):
    """A JSON value and the key of the schema that it claims to fulfil."""

    schema: SchemaKey
    data: object

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a parsed JSON value. Raises SelfDescribingError."""
        if not isinstance(value, dict) or "data" not in value or not isinstance(value.get("schema"), str):
            raise SelfDescribingError("INVALID_DATA_PAYLOAD")
        try:
            key = SchemaKey.parse(value["schema"])
        except SchemaKeyError as error:
            raise SelfDescribingError(error.code) from None
        return cls(key, value["data"])

    def to_json(self) -> dict[str, object]:
        """Return the wrapper with its keys in the order Snowplow writes."""
        return {"schema": str(self.schema), "data": self.data}
