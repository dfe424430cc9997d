"""Iglu: which schemas there are, and whether data fulfils the one that it names.

The registry is a directory in Iglu's static layout, `<vendor>/<name>/jsonschema/<version>`, read and compiled once at
the start: a broken schema is an error of the deployment, not of an event. Draft-04 with formats checked; no reference
leaves the schema. Messages name the schema's keyword and never a value (docs/adr/0004-validation-messages.md).
"""

import re
import time
from itertools import islice
from pathlib import Path

import msgspec
from jsonschema_rs import Draft4Validator, ValidationError, ValidationErrorKind

from wire.failed_events import Json, iglu_error
from wire.instants import instant
from wire.self_describing import SchemaKey, SchemaKeyError

REPOSITORY = "Snowveil static registry"
# One event's data can break a schema in every element; the first failures say what is wrong.
_MAX_REPORTS = 50
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
# Draft-04 does not know this format; Iglu's validator checks it.
_FORMATS = {"uuid": lambda text: _UUID.fullmatch(text) is not None}


class RegistryError(Exception):
    """The registry cannot be used; one line with the file and the defect."""


class Iglu:
    """The schemas of one static registry. Raises RegistryError when one of them is unreadable or no schema."""

    def __init__(self, registry: Path) -> None:
        if not registry.is_dir():
            raise RegistryError(f"{registry}: no directory of schemas; set iglu.registry to one")
        self._validators: dict[SchemaKey, Draft4Validator] = {}
        for file in sorted(registry.glob("*/*/jsonschema/*")):
            key = _key(registry, file)
            self._validators[key] = _compile(file, key)
        if not self._validators:
            raise RegistryError(f"{registry}: holds no schema <vendor>/<name>/jsonschema/<version>")

    def failure(self, key: SchemaKey, data: object) -> Json | None:
        """Return None if `data` fulfils the schema, else the IgluError message: not found, or invalid."""
        validator = self._validators.get(key)
        if validator is None:
            return iglu_error(str(key), _not_found())
        if validator.is_valid(data):
            return None
        reports: list[Json] = [_report(error) for error in islice(validator.iter_errors(data), _MAX_REPORTS)]
        return iglu_error(str(key), {"error": "ValidationError", "dataReports": reports})


def data_report(message: str, path: str | None, keyword: str | None, targets: tuple[str, ...] = ()) -> Json:
    """Return one entry of `dataReports`."""
    return {"message": message, "path": path, "keyword": keyword, "targets": list(targets)}


def _key(registry: Path, file: Path) -> SchemaKey:
    try:
        return SchemaKey.parse(f"iglu:{file.relative_to(registry).as_posix()}")
    except SchemaKeyError:
        raise RegistryError(f"{file}: not at <vendor>/<name>/jsonschema/<model>-<revision>-<addition>") from None


def _compile(file: Path, key: SchemaKey) -> Draft4Validator:
    try:
        schema = msgspec.json.decode(file.read_bytes(), type=dict[str, object])
    except msgspec.DecodeError as error:
        raise RegistryError(f"{file}: {error}") from None
    described = {"vendor": key.vendor, "name": key.name, "format": key.format, "version": key.version}
    if schema.pop("self", None) != described:
        raise RegistryError(f"{file}: its `self` is not {described}")
    schema.pop("$schema", None)  # Iglu's own, which is draft-04 and `self`
    try:
        return Draft4Validator(schema, validate_formats=True, formats=_FORMATS, offline=True)
    except (ValidationError, ValueError) as error:
        raise RegistryError(f"{file}: no JSON Schema: {str(error).splitlines()[0]}") from None


def _not_found() -> Json:
    attempt = instant(time.time_ns() // 1_000_000)
    lookup = {"repository": REPOSITORY, "errors": [{"error": "NotFound"}], "attempts": 1, "lastAttempt": attempt}
    return {"error": "ResolutionError", "lookupHistory": [lookup]}


def _report(error: ValidationError) -> Json:
    known = {step for step in error.schema_path if isinstance(step, str)}
    path = "$" + "".join(_step(step, known) for step in error.instance_path)
    keyword = error.kind.name
    rule = "/".join(str(step) for step in error.schema_path)
    targets = (error.kind.property,) if isinstance(error.kind, ValidationErrorKind.Required) else ()
    return data_report(f"{path}: does not fulfil {keyword} of the schema (#/{rule})", path, keyword, targets)


def _step(step: str | int, known: set[str]) -> str:
    """Name a property only if the schema names it: any other key is the sender's text."""
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if step in known else ".*"
