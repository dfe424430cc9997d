r"""Regular expressions of Java, which patterns of schemas are to Iglu, translated to those of ECMAScript.

Classes become explicit ranges, so `\s`, `\w` and POSIX names are ASCII; `.` leaves out Java's line ends; `$` matches
before a last one; `(?i)` is both cases of ASCII letters; possessive and atomic groups become a lookahead and a back
reference. What cannot be translated raises UntranslatableError by name: docs/java-patterns.md lists it.
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Never

from services.enricher.text import character_sets as sets
from services.enricher.text.character_sets import Ranges


class UntranslatableError(ValueError):
    """The expression uses what ECMAScript cannot say; the message names it."""


class InvalidError(ValueError):
    """The text is not a regular expression of Java."""


_LINE_ENDS = sets.of("\n\r\x85\u2028\u2029")
_ANYTHING = r"[\s\S]"
_NEVER = r"[^\s\S]"
_END = rf"(?!{_ANYTHING})"
_START = rf"(?<!{_ANYTHING})"
_LAST_END = rf"(?:(?=(?:\r\n?|[\x85\u2028\u2029])?{_END})|(?<!\r)(?=\n{_END}))"
# The same where nothing before it can match `\r`, and nothing follows: without a look around it takes linear time.
_LAST_END_WITHOUT_CR = r"(?:\r\n|[\n\r\x85\u2028\u2029])?$"
_MAY_MATCH_CR = re.compile(r"\\[rRvsxu0cWDSPpNHVQ]|\[\^|\(\?|&&|\r")
_MULTILINE_START = rf"(?:{_START}(?={_ANYTHING})|(?<=[\n\x85\u2028\u2029])(?={_ANYTHING})|(?<=\r)(?!\n)(?={_ANYTHING}))"
_MULTILINE_END = rf"(?:{_END}|(?=[\r\x85\u2028\u2029])|(?<!\r)(?=\n))"
_WORD = r"[\p{L}\p{Nd}_]"
_BOUNDARY = rf"(?:(?<={_WORD})(?!{_WORD})|(?<!{_WORD})(?={_WORD}))"
_NO_BOUNDARY = rf"(?:(?<={_WORD})(?={_WORD})|(?<!{_WORD})(?!{_WORD}))"
_DIGIT, _UPPER, _LOWER = sets.of((48, 57)), sets.of((65, 90)), sets.of((97, 122))
_ALPHA = sets.union(_UPPER, _LOWER)
_ALNUM = sets.union(_ALPHA, _DIGIT)
_GRAPH = sets.of((33, 126))
_PREDEFINED = {
    "d": _DIGIT,
    "w": sets.union(_ALNUM, sets.of("_")),
    "s": sets.of(" \t\n\x0b\f\r"),
    "h": sets.of(" \t\xa0\u1680\u180e", (0x2000, 0x200A), "\u202f\u205f\u3000"),
    "v": sets.of("\n\x0b\f\r\x85\u2028\u2029"),
}
_POSIX = {
    "Lower": _LOWER, "Upper": _UPPER, "ASCII": sets.of((0, 127)), "Alpha": _ALPHA, "Digit": _DIGIT, "Alnum": _ALNUM,
    "Punct": sets.intersection(_GRAPH, sets.inverse(_ALNUM)), "Graph": _GRAPH, "Print": sets.of((32, 126)),
    "Blank": sets.of(" \t"), "Cntrl": sets.of((0, 31), 127), "XDigit": sets.of((48, 57), (65, 70), (97, 102)),
    "Space": _PREDEFINED["s"], "L1": sets.of((0, 255)), "all": sets.of((0, 0x10FFFF)),
}  # fmt: skip
_CATEGORIES = frozenset(
    "L Lu Ll Lt Lm Lo M Mn Me Mc N Nd Nl No Z Zs Zl Zp C Cc Cf Co Cs Cn P Pd Ps Pe Pc Po Pi Pf S Sm Sc Sk So".split()  # noqa: SIM905 - a table of words
)
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
_ANCHORS = {"A": _START, "G": _START, "z": _END, "Z": _LAST_END, "b": _BOUNDARY, "B": _NO_BOUNDARY,
            "R": r"(?:\r\n|[\n\x0b\f\r\x85\u2028\u2029])"}  # fmt: skip
_ASSERTIONS = frozenset(
    {"^", _START, _END, _LAST_END, _MULTILINE_START, _MULTILINE_END, _BOUNDARY, _NO_BOUNDARY, rf"(?=\n?{_END})",
     rf"(?:(?=\n)|{_END})", rf"(?:{_START}|(?<=\n))(?={_ANYTHING})"}
)  # fmt: skip
_SYNTAX = frozenset(r"^$\.*+?()[]{}|/-")
_QUANTIFIER = re.compile(r"([*+?]|\{\d+(?:,\d*)?\})([?+]?)", re.ASCII)
_ONE_CHARACTER = re.compile(r"\[[^\]]*\]|\\?.", re.DOTALL)
_GROUP_START = re.compile(r"\?(?:(:|=|!|>|<=|<!)|<([A-Za-z][A-Za-z0-9]*)>|([idmsuxU]*)(?:-([idmsuxU]*))?([:)]))")


@dataclass(frozen=True, slots=True)
class _Flags:
    """The switches in force: ignore case, multiline, dot matches all, comments, only a line feed ends a line."""

    i: bool = False
    m: bool = False
    s: bool = False
    x: bool = False
    d: bool = False


@dataclass(eq=False, slots=True)
class _Group:
    """A capturing group of the result; its number is known when all is written."""


type _Written = list[str | tuple[str, _Group]]  # text, the beginning of a group, a back reference


@dataclass
class _Parser:
    text: str
    place: int = 0
    flags: _Flags = field(default_factory=_Flags)
    groups: list[_Group] = field(default_factory=list)
    names: dict[str, _Group] = field(default_factory=dict)

    def fail(self, defect: str) -> Never:
        raise InvalidError(f"{defect} at {self.place}")

    def ahead(self, text: str) -> bool:
        return self.text.startswith(text, self.place)

    def take(self, text: str) -> bool:
        if found := self.ahead(text):
            self.place += len(text)
        return found

    def next(self) -> str:
        if self.place >= len(self.text):
            self.fail("unexpected end")
        self.place += 1
        return self.text[self.place - 1]

    def skip_comments(self) -> None:
        while self.flags.x and self.place < len(self.text):
            if self.text[self.place] in " \t\n\x0b\f\r":
                self.place += 1
            elif self.ahead("#"):
                ends = re.compile("[\n\r\x85\u2028\u2029]").search(self.text, self.place)
                self.place = ends.end() if ends else len(self.text)
            else:
                return

    def whole(self) -> _Written:
        """Read the expression; `$` at the end of an alternative is written in the form that takes linear time."""
        is_cheap = not _MAY_MATCH_CR.search(self.text)
        written: _Written = []
        while True:
            alternative = self.sequence()
            if is_cheap and alternative[-1:] == [_LAST_END]:
                alternative[-1] = _LAST_END_WITHOUT_CR
            written += alternative
            if not self.take("|"):
                return written
            written.append("|")

    def alternatives(self) -> _Written:
        """Read to the end of a group; the flags that it switches end with it."""
        outside = self.flags
        written = self.sequence()
        while self.take("|"):
            written += ["|", *self.sequence()]
        self.flags = outside
        return written

    def sequence(self) -> _Written:
        written: _Written = []
        self.skip_comments()
        while self.place < len(self.text) and self.text[self.place] not in "|)":
            if self.take(r"\Q"):
                end = self.text.find(r"\E", self.place)
                quoted = self.text[self.place : end if end >= 0 else len(self.text)]
                self.place += len(quoted) + (2 if end >= 0 else 0)
                for character in quoted[:-1]:
                    written += self.literal(character)
                written += self.quantified(self.literal(quoted[-1])) if quoted else []
            else:
                written += self.quantified(self.atom())
            self.skip_comments()
        return written

    def quantified(self, atom: _Written) -> _Written:
        self.skip_comments()
        while match := _QUANTIFIER.match(self.text, self.place):
            self.place = match.end()
            counts, kind = match.groups()
            is_optional = counts in "*?"
            if counts[0] == "{":
                first, _, last = counts[1:-1].partition(",")
                is_optional = int(first) == 0
                if last and int(first) > int(last):
                    self.fail("a range of repetitions that ends before it begins")
            if _is_assertion(atom):  # it holds or it does not, however often
                atom = [] if is_optional else atom
                continue
            is_one = len(atom) == 1 and isinstance(atom[0], str) and _ONE_CHARACTER.fullmatch(atom[0])
            atom = [*(atom if is_one else ("(?:", *atom, ")")), counts, "?" if kind == "?" else ""]
            if kind == "+":
                atom = self.atomic(atom)
            self.skip_comments()
        if self.ahead("{"):
            self.fail("not a repetition")
        return atom

    def atomic(self, inner: _Written) -> _Written:
        """Write a possessive or atomic part: a look ahead captures it, and a back reference consumes it."""
        group = _Group()
        return ["(?:(?=", ("open", group), *inner, "))", ("reference", group), ")"]

    def atom(self) -> _Written:
        character = self.next()
        if character == "(":
            return self.group()
        if character == "[":
            return [sets.written(self.char_class())]
        if character == ".":
            return [
                _ANYTHING if self.flags.s else sets.written(sets.inverse(sets.of("\n") if self.flags.d else _LINE_ENDS))
            ]
        if character == "^":
            return [self.line_start()]
        if character == "$":
            return [self.line_end()]
        if character == "\\":
            return self.escape()
        if character in "*+?{":
            self.fail("a quantifier of nothing")
        return self.literal(character)

    def line_start(self) -> str:
        if not self.flags.m:
            return "^"
        return rf"(?:{_START}|(?<=\n))(?={_ANYTHING})" if self.flags.d else _MULTILINE_START

    def line_end(self) -> str:
        if self.flags.d:
            return rf"(?:(?=\n)|{_END})" if self.flags.m else rf"(?=\n?{_END})"
        return _MULTILINE_END if self.flags.m else _LAST_END

    def literal(self, character: str) -> _Written:
        if self.flags.i and character.isascii() and character.isalpha():
            return [f"[{character.lower()}{character.upper()}]"]
        if character in _SYNTAX:
            return [f"\\{character}"] if character != "-" else ["-"]
        return [character if character.isprintable() else sets.written(sets.of(character))]

    def group(self) -> _Written:
        if not self.ahead("?"):
            return self.capture(None)
        match = _GROUP_START.match(self.text, self.place)
        if match is None:
            self.fail("an unknown group")
        self.place = match.end()
        kind, name, on, off, end = match.groups()
        if name:
            return self.capture(name)
        if kind:
            inner = self.closed()
            return self.atomic(inner) if kind == ">" else [f"(?{kind}", *inner, ")"]
        before = self.flags
        self.switch(on or "", value=True)
        self.switch(off or "", value=False)
        if end == ")":
            return []
        inner = self.closed()
        self.flags = before
        return ["(?:", *inner, ")"]

    def switch(self, letters: str, *, value: bool) -> None:
        if "U" in letters or ("u" in letters and value):
            raise UntranslatableError("(?u) and (?U)")
        self.flags = replace(self.flags, **{letter: value for letter in letters if letter != "u"})

    def capture(self, name: str | None) -> _Written:
        group = _Group()
        self.groups.append(group)
        if name:
            self.names[name] = group
        return [("open", group), *self.closed(), ")"]

    def closed(self) -> _Written:
        inner = self.alternatives()
        if not self.take(")"):
            self.fail("a group that does not end")
        return inner

    def escape(self) -> _Written:
        character = self.next()
        if character in _ANCHORS:
            if character == "b" and self.ahead("{"):
                raise UntranslatableError(r"\b{g}")
            return [_ANCHORS[character]]
        if character == "X":
            raise UntranslatableError(r"\X")
        if character == "k":
            match = re.compile("<([A-Za-z][A-Za-z0-9]*)>").match(self.text, self.place)
            if match is None or match[1] not in self.names:
                self.fail("a reference to no group")
            self.place = match.end()
            return [("reference", self.names[match[1]])]
        if character in "123456789":
            return self.reference(character)
        if (ranges := self.set_escape(character)) is not None:
            return [sets.written(ranges)]
        return self.literal(self.character_escape(character))

    def reference(self, digits: str) -> _Written:
        if self.flags.i:
            raise UntranslatableError("a back reference in (?i)")
        while self.text[self.place : self.place + 1].isdecimal() and int(digits + self.text[self.place]) <= len(
            self.groups
        ):
            digits += self.next()
        if int(digits) > len(self.groups):
            raise UntranslatableError("a reference to a later group")
        return [("reference", self.groups[int(digits) - 1])]

    def set_escape(self, character: str) -> Ranges | None:
        """Return the set of a digit escape, a property and the like, None if it is another escape."""
        if (character.lower() in _PREDEFINED and character != "V") or character == "V":
            found = _PREDEFINED[character.lower()]
        elif character in "pP":
            found = self.property()
        else:
            return None
        return sets.inverse(found) if character.isupper() else found

    def property(self) -> Ranges:
        name = self.next()
        if name == "{":
            end = self.text.find("}", self.place)
            if end < 0:
                self.fail("a property that does not end")
            name, self.place = self.text[self.place : end], end + 1
        if name in _POSIX:
            return _POSIX[name]
        short = name.removeprefix("Is").removeprefix("gc=").removeprefix("general_category=")
        if short in _CATEGORIES:
            return sets.category(short)
        raise UntranslatableError(f"\\p{{{name}}}")

    def character_escape(self, character: str) -> str:
        if character in _ESCAPES:
            return _ESCAPES[character]
        if character == "0":
            return self.number(r"[0-3]?[0-7]{1,2}", 8)
        if character == "x":
            return self.number(r"\{([0-9A-Fa-f]+)\}|[0-9A-Fa-f]{2}", 16)
        if character == "u":
            first = self.number("[0-9A-Fa-f]{4}", 16)
            if "\ud800" <= first <= "\udbff" and self.take(r"\u"):
                pair = first + self.number("[0-9A-Fa-f]{4}", 16)
                return pair.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")[0]
            return first
        if character == "c":
            return chr(ord(self.next()) ^ 64)
        if character == "N" and (match := re.compile(r"\{([^}]*)\}").match(self.text, self.place)):
            self.place = match.end()
            try:
                return unicodedata.lookup(match[1])
            except KeyError:
                self.fail("a character of an unknown name")
        if character.isascii() and character.isalpha():
            self.fail("an unknown escape")
        return character

    def number(self, pattern: str, base: int) -> str:
        match = re.compile(pattern).match(self.text, self.place)
        if match is None:
            self.fail("not a code point")
        self.place = match.end()
        code = int(match[match.lastindex or 0], base)
        return chr(code) if code <= 0x10FFFF else self.fail("not a code point")

    def char_class(self) -> Ranges:
        """Read a class after its bracket: members, nested classes, intersections."""
        negated = self.take("^")
        found: Ranges | None = None
        part: list[Ranges] = []
        is_first = True
        while True:
            self.skip_comments()
            if self.take("&&"):
                found = self.both(found, part)
                part = []
            elif self.ahead("]") and not is_first:
                self.place += 1
                break
            else:
                part.append(self.member())
            is_first = False
        whole = self.both(found, part) or ()
        return sets.inverse(whole) if negated else whole

    def both(self, found: Ranges | None, part: list[Ranges]) -> Ranges | None:
        if not part:
            return found
        return sets.union(*part) if found is None else sets.intersection(found, sets.union(*part))

    def member(self) -> Ranges:
        if self.take("["):
            return self.char_class()
        if self.take(r"\Q"):
            end = self.text.find(r"\E", self.place)
            if end < 0:
                self.fail("a class that does not end")
            quoted, self.place = self.text[self.place : end], end + 2
            return self.cased(sets.of(quoted))
        first = self.class_character()
        if isinstance(first, tuple):
            return first
        if self.ahead("-") and self.text[self.place + 1 : self.place + 2] not in ("]", "[", ""):
            self.place += 1
            last = self.class_character()
            if isinstance(last, tuple) or last < first:
                self.fail("not a range of characters")
            return self.cased(sets.of((ord(first), ord(last))))
        return self.cased(sets.of(first))

    def class_character(self) -> str | Ranges:
        character = self.next()
        if character != "\\":
            return character
        character = self.next()
        ranges = self.set_escape(character)
        return self.character_escape(character) if ranges is None else ranges

    def cased(self, ranges: Ranges) -> Ranges:
        return sets.in_both_cases(ranges) if self.flags.i else ranges


def _is_assertion(atom: _Written) -> bool:
    """Return whether an atom consumes no text, such as `^` or a look ahead."""
    first = atom[0] if atom else "^"
    return isinstance(first, str) and (first in _ASSERTIONS or first in ("(?=", "(?!", "(?<=", "(?<!"))


def to_ecma(pattern: str) -> str:
    """Translate an expression. Raises UntranslatableError, or InvalidError for what Java refuses too."""
    parser = _Parser(pattern)
    try:
        written = parser.whole()
    except RecursionError:
        raise UntranslatableError("groups nested too deeply") from None
    if parser.place < len(pattern):
        parser.fail("a bracket that closes nothing")
    numbers: dict[_Group, int] = {}
    for token in written:
        if isinstance(token, tuple) and token[0] == "open":
            numbers[token[1]] = len(numbers) + 1
    return "".join(_token(token, numbers) for token in written)


def _token(token: str | tuple[str, _Group], numbers: dict[_Group, int]) -> str:
    if isinstance(token, str):
        return token
    if token[0] == "open":
        return "("
    # A group in an assertion that was dropped is never found.
    return rf"(?:\{numbers[token[1]]})" if token[1] in numbers else _NEVER
