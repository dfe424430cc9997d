"""What identifies somebody looks like this: shapes that `check` tries on everything that a rule shows.

A pattern is intersected with each shape as finite automata, which gives the shortest text that is both. A pattern that
no automaton can be made of is tried with examples of each shape, a list of values value by value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import interegular

from scripts.policy_review.languages import automaton, shortest

if TYPE_CHECKING:
    from lambda_src.pseudonymizer.policy.policy import Vocabulary

_NAME = "[A-Z]?[a-z]{3,}"
_ANY = "[ -~]*"


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of identity: its pattern, and texts that have it. A `word` says too little of a listed value."""

    what: str
    pattern: str
    examples: tuple[str, ...]
    is_word: bool = False


SHAPES = (
    Shape("an e-mail address", f"{_ANY}[a-z0-9]@[a-z]{_ANY}", ("alice@example.com", "a.smith+x@mail.example")),
    Shape("a user id or telephone number", f"{_ANY}[0-9]{{5,}}{_ANY}", ("11979729", "+4915112345678", "user12345")),
    Shape(
        "digits in groups: an address, telephone or card",
        f"({_ANY}[^0-9])?[0-9]{{1,4}}([ ._/-][0-9]{{1,4}}){{3,}}([^0-9]{_ANY})?",
        ("192.0.2.7", "06-12-34-56-78", "4111 1111 1111 1111", "tel_06_12_34_56_78"),
    ),
    Shape("most of an IP address", "[0-9]{2,3}[.][0-9]{1,3}[.][0-9]{1,3}", ("203.0.113", "192.168.1")),
    Shape(
        "an IPv6 or MAC address",
        "[0-9a-fA-F]{1,4}([:-][0-9a-fA-F]{1,4}){4,}",
        ("AA:BB:CC:DD:EE:FF", "2001:db8:0:0:1"),
    ),
    Shape("a coordinate", "-?[0-9]{1,3}[.][0-9]{3,}", ("52.5200", "-122.41942")),
    Shape(
        "a national id",
        "[0-9]{3}-[0-9]{2}-[0-9]{4}|[A-Z]{2}[0-9]{2}[A-Z0-9]{8,}",
        ("078-05-1120", "DE89370400440532"),
    ),
    Shape("a hash", f"{_ANY}[0-9a-f]{{16,}}{_ANY}", ("d41d8cd98f00b204e9800998ecf8427e", "0123456789abcdef")),
    Shape(
        "a UUID that is not random",
        "[0-9a-f]{8}-[0-9a-f]{4}-([0-35-9a-f][0-9a-f]{3}-[0-9a-f]{4}|4[0-9a-f]{3}-[0-7c-f][0-9a-f]{3})-[0-9a-f]{12}",
        ("f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "d41d8cd9-8f00-b204-e980-0998ecf8427e"),
    ),
    Shape(
        "a token",
        f"{_ANY}[A-Za-z0-9]{{24,}}{_ANY}|(glpat|ghp|xoxb)[-_][A-Za-z0-9]+",
        ("glpat-a1B2c3D4e5F6g7H8i9J0",),
        is_word=True,
    ),
    Shape("a name", _NAME, ("alice", "Smith"), is_word=True),
    Shape(
        "a name of several words",
        f"{_NAME}([ ._/:-]|::|[.] |, )?[A-Z]?[a-z]{{2,}}",
        ("alice_smith", "Alice Smith", "alice.smith", "AliceSmith", "alice-smith", "alice/project", "Alice::Smith"),
        is_word=True,
    ),
)


@cache
def admitted(vocabulary: Vocabulary) -> tuple[str, str] | None:
    """Return the shortest identity that a vocabulary admits and what it is; None for one that admits none."""
    if vocabulary.values is not None:
        found = [
            (value, shape.what)
            for shape in SHAPES
            if not shape.is_word
            for value in _of_shape(shape, vocabulary.values)
        ]
    else:
        found = [
            (text, shape.what) for shape in SHAPES if (text := _common(shape, vocabulary.pattern or "")) is not None
        ]
    return min(found, key=lambda each: (len(each[0]), each), default=None)


def _of_shape(shape: Shape, values: frozenset[str]) -> list[str]:
    matches = re.compile(shape.pattern, re.ASCII).fullmatch
    return [value for value in values if matches(_DATED.sub("", value))]


# The date of a model's release, 20251001 or 2025-10-01, is not a number of somebody.
_DATED = re.compile(r"(?<![0-9])20[0-9]{2}(-?)[01][0-9]\1[0-3][0-9](?![0-9])")


def _common(shape: Shape, pattern: str) -> str | None:
    """Return a text that has the shape and matches the pattern, the shortest where automata can be made."""
    language = automaton(pattern)
    if language is None:
        matches = re.compile(pattern, re.ASCII).fullmatch
        return min((each for each in shape.examples if matches(each)), key=len, default=None)
    return shortest(language & _automaton_of(shape.pattern))


@cache
def _automaton_of(pattern: str) -> interegular.FSM:
    return interegular.parse_pattern(pattern).to_fsm()
