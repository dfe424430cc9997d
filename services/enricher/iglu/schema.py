"""One schema of an Iglu registry, compiled: Draft-04 as Iglu's validator checks it; no reference leaves the schema."""

from dataclasses import dataclass

import msgspec
from jsonschema_rs import Draft4Validator, ValidationError

from services.enricher.iglu import forms, java_schema
from services.enricher.iglu.forms import TextObjects
from wire.self_describing import SchemaKey, SchemaKeyError


class SchemaError(ValueError):
    """The text is not a schema of Iglu; one line with the defect."""


class NotJsonError(SchemaError):
    """The text is not a JSON object at all: whoever sent it is not a registry."""


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema that validates, the newest version that it says is used in its place, and those it is used for.

    `left_out` names what its patterns use and cannot be translated: those patterns are not checked.
    `text_objects` and `is_wrapper` say whether it has one of the forms of `iglu_forms`.
    """

    validator: Draft4Validator
    text_objects: TextObjects | None
    is_wrapper: bool
    superseded_by: SchemaKey | None = None
    supersedes: tuple[SchemaKey, ...] = ()
    left_out: tuple[str, ...] = ()


def compiled(text: bytes, key: SchemaKey) -> Schema:
    """Compile the self-describing JSON Schema that is published as `key`. Raises SchemaError."""
    try:
        schema = msgspec.json.decode(text, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotJsonError(str(error)) from None
    described = {"vendor": key.vendor, "name": key.name, "format": key.format, "version": key.version}
    if schema.pop("self", None) != described:
        raise SchemaError(f"its `self` is not {described}")
    schema.pop("$schema", None)  # Iglu's own, which is draft-04 and `self`
    newer = _versions(schema.pop("$supersededBy", []), "$supersededBy", key)
    older = _versions(schema.pop("$supersedes", []), "$supersedes", key)
    if any(other.number <= key.number for other in newer) or any(other.number >= key.number for other in older):
        raise SchemaError("a version is superseded by a greater one only")
    try:
        validator, left_out = java_schema.compiled(schema)
    except (ValidationError, ValueError) as error:
        raise SchemaError(f"no JSON Schema: {str(error).splitlines()[0]}") from None
    newest = max(newer, key=lambda key: key.number, default=None)
    return Schema(validator, forms.text_objects(schema), forms.is_wrapper(schema), newest, tuple(older), left_out)


def _versions(value: object, keyword: str, key: SchemaKey) -> list[SchemaKey]:
    """Read a version or a list of versions of the same schema."""
    path = f"iglu:{key.vendor}/{key.name}/{key.format}/"
    try:
        return [SchemaKey.parse(path + str(version)) for version in (value if isinstance(value, list) else [value])]
    except SchemaKeyError:
        raise SchemaError(f"its `{keyword}` is not a version such as 1-0-1, nor a list of them") from None
