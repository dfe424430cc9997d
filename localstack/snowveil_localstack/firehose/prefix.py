"""Prefix expressions of S3 objects: `!{timestamp:…}` and `!{firehose:…}`.

Source: https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
"""

from __future__ import annotations

import re
import secrets
import string
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_EXPRESSION = re.compile(r"!\{([^:{}]*):([^{}]*)\}")
_DEFAULT_DATES = "!{timestamp:yyyy/MM/dd/HH/}"
_ERROR_OUTPUT_TYPE = "!{firehose:error-output-type}"
_MAX_CHARACTERS = 512
_RANDOM_CHARACTERS = 11
_QUOTED = re.compile(r"'((?:[^']|'')*)'|([^']+)")

# Java's DateTimeFormatter letters. Those left out depend on a locale or have no use in a path.
_JAVA: dict[str, Callable[[datetime], str]] = {
    "yyyy": lambda t: f"{t.year:04}",
    "uuuu": lambda t: f"{t.year:04}",
    "yy": lambda t: f"{t.year % 100:02}",
    "y": lambda t: str(t.year),
    "MM": lambda t: f"{t.month:02}",
    "M": lambda t: str(t.month),
    "dd": lambda t: f"{t.day:02}",
    "d": lambda t: str(t.day),
    "DDD": lambda t: f"{t.timetuple().tm_yday:03}",
    "D": lambda t: str(t.timetuple().tm_yday),
    "HH": lambda t: f"{t.hour:02}",
    "H": lambda t: str(t.hour),
    "mm": lambda t: f"{t.minute:02}",
    "m": lambda t: str(t.minute),
    "ss": lambda t: f"{t.second:02}",
    "s": lambda t: str(t.second),
    "SSS": lambda t: f"{t.microsecond // 1000:03}",
}


class PrefixError(ValueError):
    """A prefix AWS would refuse, or a date pattern this implementation does not know."""


def validate(prefix: str, error_output_prefix: str) -> None:
    """Check both prefixes of a destination, empty where not set, by AWS's rules. Raises PrefixError."""
    if _ERROR_OUTPUT_TYPE in prefix:
        raise PrefixError(f"Prefix can't contain {_ERROR_OUTPUT_TYPE}")
    if _EXPRESSION.search(prefix) and not error_output_prefix:
        raise PrefixError("ErrorOutputPrefix can't be null when Prefix contains expressions")
    if _EXPRESSION.search(error_output_prefix) and _ERROR_OUTPUT_TYPE not in error_output_prefix:
        raise PrefixError(f"ErrorOutputPrefix with expressions must contain {_ERROR_OUTPUT_TYPE}")
    for text in (prefix, error_output_prefix):
        if "!{" in _EXPRESSION.sub("", text):
            raise PrefixError(f"the sequence !{{ can only appear in !{{namespace:value}} expressions: {text}")
        for namespace, value in _EXPRESSION.findall(text):
            _check_expression(namespace, value)


def object_prefix(prefix: str, when: datetime) -> str:
    """Evaluate the prefix of a delivered object at the oldest record's arrival; dates are appended if it names none."""
    return _evaluate(prefix if "!{timestamp:" in prefix else prefix + _DEFAULT_DATES, when, "")


def error_prefix(prefix: str, error_output_prefix: str, when: datetime, error_output_type: str) -> str:
    """Evaluate the prefix of failed records; without expressions the error's type and dates are appended."""
    text = error_output_prefix or prefix
    if not _EXPRESSION.search(text):
        text = f"{text}{_ERROR_OUTPUT_TYPE}/{_DEFAULT_DATES}"
    return _evaluate(text, when, error_output_type)


def _evaluate(text: str, when: datetime, error_output_type: str) -> str:
    def replace(match: re.Match[str]) -> str:
        match match.groups():
            case ("timestamp", pattern):
                return _format_time(pattern, when)
            case ("firehose", "random-string"):
                return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(_RANDOM_CHARACTERS))
            case ("firehose", "error-output-type"):
                return error_output_type
        raise PrefixError(f"unknown expression {match.group()}")

    evaluated = _EXPRESSION.sub(replace, text)
    if len(evaluated) > _MAX_CHARACTERS:
        raise PrefixError(f"the evaluated prefix has more than {_MAX_CHARACTERS} characters")
    return evaluated


def _check_expression(namespace: str, value: str) -> None:
    if namespace == "timestamp":
        _fields(value)
    elif namespace != "firehose" or value not in ("random-string", "error-output-type"):
        raise PrefixError(f"unknown expression !{{{namespace}:{value}}}")


def _format_time(pattern: str, when: datetime) -> str:
    return "".join(_JAVA[text](when) if is_field else text for is_field, text in _fields(pattern))


def _fields(pattern: str) -> list[tuple[bool, str]]:
    """Split a Java date pattern into (is a field, field or literal text). Raises PrefixError."""
    parts: list[tuple[bool, str]] = []
    position = 0
    while match := _QUOTED.match(pattern, position):
        position = match.end()
        quoted, plain = match.groups()
        if quoted is not None:
            # Two quotes are one quote, inside quotes and alone.
            parts.append((False, quoted.replace("''", "'") or "'"))
            continue
        for letter, run in groupby(plain):
            text = "".join(run)
            is_field = letter in string.ascii_letters
            if is_field and text not in _JAVA:
                raise PrefixError(f"date pattern {text} is not supported in !{{timestamp:{pattern}}}")
            if letter in "{}#[]":
                raise PrefixError(f"{letter} is reserved in !{{timestamp:{pattern}}}")
            parts.append((is_field, text))
    if position != len(pattern):
        raise PrefixError(f"unbalanced quote in !{{timestamp:{pattern}}}")
    return parts
