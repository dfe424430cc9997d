"""A schema of Iglu's, written so that our validator accepts what Iglu's does (networknt's, which is Java).

Patterns are translated from Java's dialect. A reference to another document stands for anything, as Iglu fetches none.
Inside of arrays and objects 1 and 1.0 are two values, in `enum` and `uniqueItems`. Formats: `formats.py`.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from jsonschema_rs import Draft4Validator, FancyRegexOptions, ValidationError

from services.enricher.iglu.formats import FORMATS
from services.enricher.text import java_regex
from services.enricher.text.java_regex import InvalidError, UntranslatableError

type _Schema = dict[str, Any]

_ONE, _LIST, _NAMED = (
    ("additionalItems", "additionalProperties", "not"),
    ("allOf", "anyOf", "oneOf"),
    ("definitions", "properties", "patternProperties", "dependencies"),
)
_ENUM, _UNIQUE = "enum of exact values", "uniqueItems of exact values"
RULES = {_ENUM: "enum", _UNIQUE: "uniqueItems"}
# Bytes of a compiled pattern: `[a-z]{1,5000}` takes 1.5 MB.
_OPTIONS = FancyRegexOptions(size_limit=100_000_000, dfa_size_limit=100_000_000)


class UnusableError(ValueError):
    """Iglu's validator cannot use the schema either; one line with the defect."""


@dataclass
class _Translation:
    left_out: list[str] = field(default_factory=list)

    def schema(self, schema: object) -> object:
        if not isinstance(schema, dict):
            return schema
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith(("http://", "https://")) and "#/" not in reference:
            return {}
        made = {keyword: self.keyword(keyword, value) for keyword, value in schema.items()}
        if isinstance(schema.get("pattern"), str):
            made.pop("pattern")
            if (pattern := self.pattern(schema["pattern"])) is not None:
                made["pattern"] = pattern
        if isinstance(values := schema.get("enum"), list) and any(isinstance(value, list | dict) for value in values):
            made[_ENUM] = made.pop("enum")
        if schema.get("uniqueItems") is True:
            made[_UNIQUE] = made.pop("uniqueItems")
        return made

    def keyword(self, keyword: str, value: object) -> object:
        if keyword in _ONE or (keyword == "items" and isinstance(value, dict)):
            return self.schema(value)
        if keyword in (*_LIST, "items") and isinstance(value, list):
            return [self.schema(each) for each in value]
        if keyword == "patternProperties" and isinstance(value, dict):
            patterns = {self.pattern(name): self.schema(each) for name, each in value.items()}
            return {name: each for name, each in patterns.items() if name is not None}
        if keyword in _NAMED and isinstance(value, dict):
            return {name: self.schema(each) for name, each in value.items()}
        return value

    def pattern(self, pattern: str) -> str | None:
        """Return a pattern translated, None if it cannot be."""
        try:
            translated = java_regex.to_ecma(pattern)
        except UntranslatableError as defect:
            self.left_out.append(str(defect))
            return None
        except InvalidError as defect:
            raise UnusableError(f"a pattern is not a regular expression of Java: {defect}") from None
        try:
            Draft4Validator({"pattern": translated}, pattern_options=_OPTIONS)
        except ValidationError:
            self.left_out.append("a pattern that the engine refuses, such as too many repetitions")
            return None
        return translated


class _Enum:
    """The keyword `enum` where it holds arrays or objects."""

    def __init__(self, _parent: _Schema, value: Any, _path: list[str | int]) -> None:
        self._numbers = {each for each in value if _is_number(each)}
        self._others = {_exact(each) for each in value if not _is_number(each)}

    def validate(self, instance: object) -> None:
        if not (instance in self._numbers if _is_number(instance) else _exact(instance) in self._others):
            raise ValueError("not one of the values")


class _UniqueItems:
    """The keyword `uniqueItems`, true."""

    def __init__(self, _parent: _Schema, _value: Any, _path: list[str | int]) -> None: ...

    def validate(self, instance: object) -> None:
        if isinstance(instance, list) and len(set(map(_exact, instance))) < len(instance):
            raise ValueError("not unique")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _exact(value: object) -> object:
    """Return a hashable value that equals another's if both are equal to Jackson: 1 and 1.0 are not."""
    if isinstance(value, list):
        return ("list", *map(_exact, value))
    if isinstance(value, dict):
        return ("dict", frozenset((name, _exact(each)) for name, each in value.items()))
    if isinstance(value, int):
        return (type(value).__name__, value)
    return ("decimal", Decimal(str(value))) if isinstance(value, float) else (type(value).__name__.lower(), value)


def compiled(schema: _Schema) -> tuple[Draft4Validator, tuple[str, ...]]:
    """Compile a schema; return its validator, and what its patterns use that could not be translated.

    Such a pattern is not checked. Raises UnusableError, jsonschema_rs.ValidationError and ValueError.
    """
    translation = _Translation()
    translated = translation.schema(schema)
    validator = Draft4Validator(
        translated,  # type: ignore[arg-type]  # an object stays an object
        validate_formats=True,
        formats=FORMATS,
        keywords={_ENUM: _Enum, _UNIQUE: _UniqueItems},
        pattern_options=_OPTIONS,
        offline=True,
    )
    return validator, tuple(translation.left_out)
