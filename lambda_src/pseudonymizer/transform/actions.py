"""What can happen to one value: pseudonymize, erase, truncate, or allow when it looks as the policy says."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from lambda_src.pseudonymizer.policy.domains import TEXT
from lambda_src.pseudonymizer.policy.policy import Vocabulary
from lambda_src.pseudonymizer.policy.vocabulary import (
    MOST_REMEMBERED,
    ColumnTest,
    TextTest,
    column_membership,
    integers,
    membership,
)
from lambda_src.pseudonymizer.pseudonym import PseudonymFunction

# From a value's text to what is shown in its place; None where the value is erased.
type TextAction = Callable[[str], str | None]
type ColumnAction = Callable[[Sequence[str]], Sequence[str | None]]

# A sender can invent any number of names; a log line has room for some.
MOST_UNKNOWN = 50
# Browsers, networks, users and pages come more than once in a batch; of values of one record's making it could be a
# million, and their pseudonyms would fill the memory.
MOST_MET = 5_000


# A member of an enumeration: up to three characters, or up to four words. An identifier mostly has a digit or another
# sign; a name that has none is erased as well.
_MAY_BE_ONE_OF_FEW = re.compile("(?s:.{1,3})|[A-Za-z]{1,32}(?:[ _.:/-][A-Za-z]{1,32}){0,3}").fullmatch


@dataclass(slots=True)
class Counts:
    """How often each action was taken. A URL counts by its parts, an object by its values and unknown keys.

    `out_of_time` counts those erased because they are not near the collector's time. `unknown` counts properties and
    schemas that the policy does not name: all of them, and the first different ones each, described without an
    unknown name. `outside` counts, by attribute, values that do not belong to its vocabulary.
    """

    pseudonymized: int = 0
    allowed: int = 0
    truncated: int = 0
    erased: int = 0
    out_of_time: int = 0
    unknown: int = 0
    unknown_each: Counter[str] = field(default_factory=Counter)
    outside: Counter[str] = field(default_factory=Counter)

    def reset(self) -> None:
        """Begin at zero again."""
        self.pseudonymized = self.allowed = self.truncated = self.erased = self.out_of_time = self.unknown = 0
        self.unknown_each.clear()
        self.outside.clear()

    def note_unknown(self, description: str) -> None:
        """Count what the policy does not name."""
        self.unknown += 1
        if description in self.unknown_each or len(self.unknown_each) < MOST_UNKNOWN:
            self.unknown_each[description] += 1


def _no_integers() -> range:
    return range(0)


@dataclass(frozen=True, slots=True, eq=False)
class Allow:
    """The action that shows a text for which `shows` is true, and leaves the rest to `otherwise`."""

    shows: TextTest
    shows_all: ColumnTest  # tells whether `shows` is true of each
    otherwise: TextAction
    counts: Counts
    integers: Callable[[], range] = _no_integers  # some whose text is shown

    def __call__(self, text: str) -> str | None:
        """Do that, and count."""
        if self.shows(text):
            self.counts.allowed += 1
            return text
        return self.otherwise(text)

    def shows_column(self, column: Sequence[object]) -> bool:
        """Return whether all of a column is shown, and count it then: usual, and no step of Python for each value."""
        try:
            are_shown = self.shows_all(column)
        except TypeError:  # not all of it is text
            return False
        if are_shown:
            self.counts.allowed += len(column)
        return are_shown


# The test of an action that shows no text as it is.
shows_nothing: TextTest = frozenset[str]().__contains__


def taken_apart(action: TextAction, counts: Counts) -> Allow:
    """Return any action in this form: what is not an Allow shows no text as it is."""
    return action if isinstance(action, Allow) else Allow(shows_nothing, frozenset[str]().issuperset, action, counts)


class Actions:
    """The actions under one ring of keys. `counts` is theirs to raise and the caller's to read and reset."""

    def __init__(self, pseudonyms: Callable[[str], PseudonymFunction], folded: Collection[str] = ()) -> None:
        """`pseudonyms` gives the function of a domain; in `folded` domains upper and lower case are one."""
        self.counts = Counts()
        self._pseudonyms = pseudonyms
        self._folded = folded
        self._domains: dict[str, TextAction] = {}
        self._columns: dict[TextAction, ColumnAction] = {}
        # The pseudonyms of the batch at hand, by domain.
        self._met: list[dict[str, str]] = []
        self.pseudonymize = self.in_domain(TEXT)

    def in_domain(self, domain: str) -> Callable[[str], str]:
        """Return the action that shows the pseudonym in `domain`; empty text stays empty, it identifies nobody."""
        if domain not in self._domains:
            self._add_domain(domain)
        return cast("Callable[[str], str]", self._domains[domain])

    def _add_domain(self, domain: str) -> None:
        counts, pseudonym = self.counts, self._pseudonyms(domain)
        if domain in self._folded:
            pseudonym = _of_lower_case(pseudonym)
        met: dict[str, str] = {}
        self._met.append(met)

        # The hottest call there is: no method.
        def pseudonymize(text: str) -> str:
            if not text:
                return text
            counts.pseudonymized += 1
            shown = met.get(text)
            if shown is None:
                shown = pseudonym(text)
                if len(met) < MOST_MET:
                    met[text] = shown
            return shown

        # The same once more for many texts, without a call for each.
        def pseudonymize_each(texts: Sequence[str]) -> Sequence[str]:
            column = []
            for text in texts:
                shown = met.get(text)
                if shown is None:
                    shown = pseudonym(text)
                    if len(met) < MOST_MET:
                        met[text] = shown
                column.append(shown)
            counts.pseudonymized += len(texts)
            return column

        self._domains[domain] = pseudonymize
        self._columns[pseudonymize] = pseudonymize_each

    @property
    def remembered(self) -> int:
        """How many values of the batch are remembered."""
        return sum(map(len, self._met))

    def forget(self) -> None:
        """Forget the values of a batch: its originals must not outlive its records."""
        for met in self._met:
            met.clear()

    def column(self, action: TextAction, column: Sequence[str | None]) -> Sequence[str | None]:
        """Return what `action` makes of texts in the same place of many events; the very column when all stays.

        Empty texts and None stay, and are not counted.
        """
        if not any(column):
            return column
        filled: Sequence[Any] = column if all(column) else [text for text in column if text]
        if isinstance(action, Allow) and action.shows_column(filled):
            return column
        shown = self.each(action, filled)
        if len(filled) == len(column):
            return shown
        rest = iter(shown)
        return [next(rest) if text else text for text in column]

    def each(self, action: TextAction, texts: Sequence[str]) -> Sequence[str | None]:
        """Return what `action` makes of texts, none of them empty."""
        of_column = self._columns.get(action)
        return [action(text) for text in texts] if of_column is None else of_column(texts)

    def erase(self, _text: str) -> str | None:
        """Return None, which an empty cell or a JSON null stands for."""
        self.counts.erased += 1
        return None

    def allowed(self, text: str) -> str:
        """Count `text` as allowed, for a caller that has decided so."""
        self.counts.allowed += 1
        return text

    def hide_unnamed(self, text: str) -> str | None:
        """Hide a value whose name the policy does not know: as a pseudonym, or not at all if it may be one of few.

        How often the pseudonym of a word stands under one name tells which word it is.
        """
        return self.erase(text) if _MAY_BE_ONE_OF_FEW(text) else self.pseudonymize(text)

    def truncate(self, coarse: TextAction, otherwise: TextAction, *, recurring: bool = False) -> TextAction:
        """Return the action that shows what `coarse` makes of a text, and leaves what it cannot read to `otherwise`.

        Texts that come again and again and are of nobody, such as versions, are `recurring` and remembered.
        """
        counts = self.counts
        remembered: dict[str, str] = {}

        def show_coarsely(text: str) -> str | None:
            shown = remembered.get(text) or coarse(text)
            if shown is None:
                return otherwise(text)
            if recurring and len(remembered) < MOST_REMEMBERED:
                remembered[text] = shown
            counts.truncated += 1
            return shown

        return show_coarsely

    def allow(
        self, vocabulary: Vocabulary, otherwise: TextAction, *, recurring: bool = True, place: str = ""
    ) -> TextAction:
        """Return the action that shows members of the vocabulary and leaves the rest to `otherwise`.

        What is left is counted by `place`, an attribute of the policy: many say that the vocabulary is out of date.

        Members that hardly come twice, such as times, are not `recurring`: to remember them would only cost.
        """
        return Allow(
            membership(vocabulary, recurring=recurring),
            column_membership(vocabulary, recurring=recurring),
            self._outside(place, otherwise) if place else otherwise,
            self.counts,
            _always(integers(vocabulary)),
        )

    def _outside(self, place: str, otherwise: TextAction) -> TextAction:
        outside = self.counts.outside

        def hide(text: str) -> str | None:
            outside[place] += 1
            return otherwise(text)

        return hide

    def allow_each(self, texts: Collection[str], otherwise: TextAction) -> TextAction:
        """Return the action that shows one of `texts` and leaves the rest to `otherwise`."""
        shown = frozenset(texts) - {""}
        return Allow(shown.__contains__, shown.issuperset, otherwise, self.counts)


def _of_lower_case(pseudonym: PseudonymFunction) -> PseudonymFunction:
    return lambda text: pseudonym(text.lower())


def _always(integers: range) -> Callable[[], range]:
    return lambda: integers
