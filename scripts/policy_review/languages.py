"""What a vocabulary admits, compared: what only the new one shows, what only the old one showed, with an example.

A pattern is compared exactly, as a finite automaton. Where that is not possible (look-around, flags, anchors, `.`) it
counts as wider and narrower at once: a doubt is something a person must look at.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import interegular
from interegular.fsm import FSM, anything_else

if TYPE_CHECKING:
    from lambda_src.pseudonymizer.policy.policy import Vocabulary

# A class, an escape, or a character that stands for itself or is an operator.
_TOKEN = re.compile(r"\[\^?(?:\\[^A-Za-z0-9]|[^\]\[\\])+\]|\\[^A-Za-z0-9]|[^\\.^$\[]")
_NOT_REGULAR = re.compile(r"\(\?[^:]|[*+?}]\+")


@dataclass(frozen=True, slots=True)
class Difference:
    """What one vocabulary admits and the other does not: `examples` of it, possibly none where it is only possible."""

    exists: bool
    examples: tuple[str, ...] = ()
    is_all: bool = False  # the examples are all there is


def only_in(one: Vocabulary, other: Vocabulary) -> Difference:
    """Return what `one` admits and `other` does not."""
    if one == other:
        return Difference(exists=False)
    if one.values is not None:
        extra = tuple(sorted(value for value in one.values if not admits(other, value)))
        return Difference(bool(extra), extra, is_all=True)
    if other.values is not None:
        return Difference(exists=True)
    this, that = automaton(one.pattern or ""), automaton(other.pattern or "")
    if this is None or that is None:
        return Difference(exists=True)
    rest: FSM = this.difference(that)  # type: ignore[no-untyped-call] # the library has only some types
    example = shortest(rest)
    return Difference(example is not None, () if example is None else (example,))


def admits(vocabulary: Vocabulary, text: str) -> bool:
    """Return whether the text belongs to the vocabulary, its length aside."""
    if vocabulary.values is not None:
        return text in vocabulary.values
    return re.fullmatch(vocabulary.pattern or "", text, re.ASCII) is not None


@cache
def automaton(pattern: str) -> FSM | None:
    """Return the pattern's automaton; None for what the library may read differently from `re`, or not at all."""
    if "".join(_TOKEN.findall(pattern)) != pattern or _NOT_REGULAR.search(pattern):
        return None
    try:
        automaton: FSM = interegular.parse_pattern(pattern).to_fsm()
    except (interegular.Unsupported, interegular.InvalidSyntax):
        return None
    return automaton


def shortest(automaton: FSM) -> str | None:
    """Return the first of the shortest texts that the automaton accepts, None when it accepts none."""
    texts = {automaton.initial: ""}
    waiting = deque(texts)
    while waiting:
        state = waiting.popleft()
        if state in automaton.finals:
            return texts[state]
        steps = automaton.map.get(state, {}).items()
        # In the order of characters: the library's own differs from run to run.
        for character, following in sorted(
            (_member(automaton, transition), following) for transition, following in steps
        ):
            if following not in texts:
                texts[following] = texts[state] + character
                waiting.append(following)
    return None


def _member(automaton: FSM, transition: int) -> str:
    """Return a character of a transition; where that is every character not mentioned elsewhere, one of those."""
    characters = automaton.alphabet.by_transition[transition]
    if anything_else not in characters:
        return str(min(characters))
    return next(each for each in map(chr, range(0x21, 0x110000)) if each not in automaton.alphabet)
