"""What a change of the policy makes visible and what it hides, in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from lambda_src.pseudonymizer.policy.policy import Allow, Truncate
from scripts.policy_review.criteria import covers, pairs
from scripts.policy_review.languages import only_in
from scripts.policy_review.rules import because, is_hidden
from scripts.policy_review.wording import admitted, listed, vocabulary_of, what_happens
from wire.columns import COLUMNS, INDEX
from wire.tracker_protocol import PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lambda_src.pseudonymizer.policy.policy import Policy, Rule, Vocabulary
    from scripts.policy_review.document import Document, YamlPath
    from scripts.policy_review.identifying import Identifying
    from wire.columns import Column
    from wire.self_describing import Criterion


_NAMED_USERS = 6


class Kind(StrEnum):
    """What a change does."""

    VISIBLE = "becomes visible"
    HIDDEN = "becomes hidden"
    OTHER = "changes otherwise"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different: the sentence, where it stands, and the rules by whose attributes it can be seen."""

    kind: Kind
    sentence: str
    path: YamlPath
    at: str
    rules: frozenset[YamlPath]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two policies."""

    document: Document
    policy: Policy

    def named(self, path: YamlPath) -> object:
        """Return what the file says at `path`, None if nothing."""
        value = self.document.contents
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return value


def changes(old: Side, new: Side, identifying: Identifying) -> list[Change]:
    """Return the changes, what becomes visible first, each part in the order of the new file."""
    found = list(_Comparison(old, new, identifying).changes())
    kinds = list(Kind)
    return sorted(found, key=lambda each: (kinds.index(each.kind), new.document.place(each.path).line))


class _Comparison:
    def __init__(self, old: Side, new: Side, identifying: Identifying) -> None:
        self._old = old
        self._new = new
        self._identifying = identifying
        self._users: dict[str, set[YamlPath]] = {}  # of a vocabulary that both sides name in the same place

    def changes(self) -> Iterator[Change]:
        old, new = self._old.policy, self._new.policy
        for column in COLUMNS:
            path = ("columns", column.name)
            before, after = old.columns[column.name], new.columns[column.name]
            yield from self._rule(path, f"the column {column.name}", before, after, column)
        yield from self._lists()
        yield from self._rules(("urls", "query"), "the query parameter {} of URLs", old.query, new.query)
        yield from self._rules(("headers",), "the header {}", old.headers, new.headers)
        yield from self._parameters()
        for left, right in pairs(old.schemas, new.schemas):
            yield from self._schema(left, right)
        yield from self._rules(
            ("old_failed_event",), "{} of an old failed event", old.old_failed_event, new.old_failed_event
        )
        yield from self._vocabularies()
        yield from self._domains()
        yield from self._window_and_limits()

    def _window_and_limits(self) -> Iterator[Change]:
        old, new = self._old.policy, self._new.policy
        for name in ("days_before", "days_after"):
            before, after = getattr(old.times, name), getattr(new.times, name)
            if before != after:
                kind = Kind.VISIBLE if after > before else Kind.HIDDEN
                yield self._change(kind, ("times", name), f"times are shown with {name} {after} instead of {before}")
        for name in ("values_in_array", "pseudonyms_in_record"):
            before, after = getattr(old.limits, name), getattr(new.limits, name)
            if before != after:
                text = f"a record may have {name} {after} instead of {before}, what has more is quarantined"
                yield self._change(Kind.OTHER, ("limits", name), text)

    def _domains(self) -> Iterator[Change]:
        old, new = self._old.policy.domains, self._new.policy.domains
        for name in [*new, *(name for name in old if name not in new)]:
            if old.get(name) != new.get(name):
                now = "is gone" if name not in new else f"is now {new[name].means}, {new[name].holds}"
                yield self._change(Kind.OTHER, ("domains", name), f"the domain {name} {now}")

    def _change(self, kind: Kind, path: YamlPath, sentence: str, rules: frozenset[YamlPath] | None = None) -> Change:
        document = self._new.document if path in self._new.document.places else self._old.document
        text = f"{sentence[0].upper()}{sentence[1:]}."
        return Change(kind, text, path, document.at(path), frozenset({path}) if rules is None else rules)

    def _rules(
        self, section: YamlPath, subject: str, old: Mapping[str, Rule], new: Mapping[str, Rule]
    ) -> Iterator[Change]:
        for name in [*old, *(name for name in new if name not in old)]:
            yield from self._rule((*section, name), subject.format(name), old.get(name), new.get(name))

    def _parameters(self) -> Iterator[Change]:
        old, new = self._old.policy, self._new.policy
        for name in [*old.parameters, *(name for name in new.parameters if name not in old.parameters)]:
            column = _column_of(name)
            before, after = (
                side.parameters.get(name, side.columns[column.name] if column else None) for side in (old, new)
            )
            yield from self._rule(("parameters", name), f"the tracker parameter {name}", before, after, column)

    def _schema(self, old: Criterion | None, new: Criterion | None) -> Iterator[Change]:
        if new is None:
            path = ("schemas", str(old))
            yield self._change(
                Kind.HIDDEN, path, f"the schema {old} is no longer named: all of it is hidden", self._within(path)
            )
            return
        path = ("schemas", str(new))
        before = self._old.policy.schemas[old] if old is not None else {}
        after = self._new.policy.schemas[new]
        if old is None:
            text = f"the schema {new} is new: its name and the names of its {len(after)} properties are shown"
            yield self._change(Kind.VISIBLE, path, text, self._within(path))
        elif old != new:
            if not covers(old, new):
                text = f"the rules of {old} now hold for {new}, which has versions that were hidden"
                yield self._change(Kind.VISIBLE, path, text, self._within(path))
            if not covers(new, old):
                text = f"the rules of {old} now hold for {new} only, other versions are hidden"
                yield self._change(Kind.HIDDEN, path, text, self._within(("schemas", str(old))))
        for name in [*before, *(name for name in after if name not in before)]:
            if old is not None or not is_hidden(after[name]):
                subject = f"the property {name} of {new}"
                yield from self._rule((*path, name), subject, before.get(name), after.get(name))

    def _within(self, path: YamlPath) -> frozenset[YamlPath]:
        places = (*self._old.document.places, *self._new.document.places)
        return frozenset(each for each in places if each[: len(path)] == path)

    def _rule(
        self, path: YamlPath, subject: str, old: Rule | None, new: Rule | None, column: Column | None = None
    ) -> Iterator[Change]:
        """Compare what is said of one attribute; None where it is not named, so that its name is hidden as well."""
        if isinstance(old, Allow) and isinstance(new, Allow):
            yield from self._vocabulary_of(path, subject, old, new)
            if old.otherwise != new.otherwise:
                text = f"other values of {subject} stay hidden: it {what_happens(new, self._new.policy, column)}"
                yield self._change(Kind.OTHER, path, text)
            return
        if (isinstance(old, Truncate) and isinstance(new, Truncate) and old.truncate == new.truncate) or old == new:
            return
        now = f"it {what_happens(new, self._new.policy, column)}" if new is not None else "name and value are hidden"
        before = f"it {what_happens(old, self._old.policy, column)}" if old is not None else "name and value are hidden"
        if new is not None and not is_hidden(new):
            if old is None or is_hidden(old):
                yield self._change(Kind.VISIBLE, path, f"{subject} becomes visible: {now}{self._identifies(path)}")
            else:
                text = f"{subject} may show more: {now}; before, {before}{self._identifies(path)}"
                yield self._change(Kind.VISIBLE, path, text)
        elif old is not None and not is_hidden(old):
            yield self._change(Kind.HIDDEN, path, f"{subject} becomes hidden: {now}; before, {before}")
        elif old is None:
            yield self._change(Kind.VISIBLE, path, f"{subject} is new: its name is shown, its value stays hidden")
        elif new is None:
            yield self._change(Kind.HIDDEN, path, f"{subject} is no longer named: its name is hidden like its value")
        else:
            yield self._change(Kind.OTHER, path, f"{subject} stays hidden: {now}; before, {before}")

    def _vocabulary_of(self, path: YamlPath, subject: str, old: Allow, new: Allow) -> Iterator[Change]:
        if old.allow == new.allow and isinstance(new.allow, str):
            self._users.setdefault(new.allow, set()).add(path)
            return
        before, after = vocabulary_of(old, self._old.policy), vocabulary_of(new, self._new.policy)
        yield from self._vocabulary(path, subject, before, after, frozenset({path}), self._identifies(path))

    def _vocabularies(self) -> Iterator[Change]:
        old, new = self._old.policy.vocabularies, self._new.policy.vocabularies
        for name, vocabulary in new.items():
            path = ("vocabularies", name)
            if name not in old:
                yield self._change(Kind.OTHER, path, f"the vocabulary {name} is new: {admitted(vocabulary)}")
            elif users := self._users.get(name):
                names = sorted(".".join(each) for each in users)
                more = [f"{len(names) - _NAMED_USERS} more"] if len(names) > _NAMED_USERS else []
                used = f" It decides for {listed([*names[:_NAMED_USERS], *more])}"
                identifies = "".join(self._identifies(each) for each in sorted(users))
                text = f"the vocabulary {name}"
                yield from self._vocabulary(path, text, old[name], vocabulary, frozenset(users), f".{used}{identifies}")
        for name in old.keys() - new.keys():
            yield self._change(Kind.OTHER, ("vocabularies", name), f"the vocabulary {name} is gone")

    def _vocabulary(
        self,
        path: YamlPath,
        subject: str,
        old: Vocabulary,
        new: Vocabulary,
        rules: frozenset[YamlPath],
        more: str,
    ) -> Iterator[Change]:
        if old == new:
            return
        wider, narrower = only_in(new, old), only_in(old, new)
        if wider.exists:
            examples = listed(map(repr, wider.examples)) if wider.examples else "what cannot be determined by comparing"
            such = "" if wider.is_all else "text such as " if wider.examples else ""
            now = "" if wider.is_all else f"; it is {admitted(new)} instead of {admitted(old)}"
            yield self._change(Kind.VISIBLE, path, f"{subject} now also shows {such}{examples}{now}{more}", rules)
        if narrower.exists:
            examples = (
                listed(map(repr, narrower.examples)) if narrower.examples else "what cannot be determined by comparing"
            )
            such = "" if narrower.is_all else "text such as " if narrower.examples else ""
            yield self._change(Kind.HIDDEN, path, f"{subject} no longer shows {such}{examples}", rules)
        if not wider.exists and not narrower.exists:
            yield self._change(Kind.OTHER, path, f"{subject} is written differently and admits the same", rules)

    def _lists(self) -> Iterator[Change]:
        for section, old, new in (
            ("schemes", self._old.policy.schemes, self._new.policy.schemes),
            ("hosts", self._old.policy.hosts, self._new.policy.hosts),
            ("ports", {*map(str, self._old.policy.ports)}, {*map(str, self._new.policy.ports)}),
        ):
            path = ("urls", section)
            if more := sorted(new - old):
                yield self._change(Kind.VISIBLE, path, f"URLs now also show the {section} {listed(more)}")
            if less := sorted(old - new):
                yield self._change(Kind.HIDDEN, path, f"URLs no longer show the {section} {listed(less)}")

    def _identifies(self, path: YamlPath) -> str:
        reason = self._identifying.reason(path)
        if reason is None:
            return ""
        why = because(self._new.named(path))
        said = f"the author shows it because {why}" if why else "no `because` says why it must be shown"
        return f". {path[-1]} identifies a person ({reason}); {said}"


def _column_of(parameter: str) -> Column | None:
    known = PARAMETERS.get(parameter)
    return COLUMNS[INDEX[known.columns[0]]] if known and known.columns else None
