"""Which attributes are known to identify a person, and why: read from `policy/identifying.yaml`."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from scripts.policy_review import document
from wire.columns import INDEX
from wire.self_describing import Criterion
from wire.tracker_protocol import PARAMETERS

if TYPE_CHECKING:
    from scripts.policy_review.document import YamlPath

FILE = document.ROOT / "policy/identifying.yaml"

_SEPARATORS = re.compile("[_-]")


class Identifying(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Reasons by attribute; `names` are those of a property or query parameter wherever it stands."""

    names: dict[str, str]
    columns: dict[str, str]
    headers: dict[str, str]
    schemas: dict[str, dict[str, str]]  # by `vendor/name`, `*` for any, then by property path
    old_failed_event: dict[str, str]
    sizes: dict[str, int]  # of columns, how many values they can have
    identities: dict[str, tuple[str, ...]]  # by domain, the names of attributes that may have it

    def may_have(self, domain: str, path: YamlPath) -> bool:
        """Return whether the attribute whose rule stands at `path` of a policy may have the domain of an identity."""
        names = self.identities.get(domain, ())
        if path[0] == "schemas":
            criterion = Criterion.parse(path[1])
            if f"{criterion.vendor}/{criterion.name} {path[-1]}" in names:
                return True
        return _last_name(path[-1]) in map(_folded, names)

    def reason(self, path: YamlPath) -> str | None:
        """Return why the attribute whose rule stands at `path` of a policy identifies a person, None if it does not."""
        match path:
            case ("columns", name):
                return self.columns.get(name)
            case ("headers", name):
                return self.headers.get(name)
            case ("urls", "query", name):
                return self._by_name(name)
            case ("parameters", name) if name in PARAMETERS:
                return next((self.columns[each] for each in PARAMETERS[name].columns if each in self.columns), None)
            case ("schemas", criterion, prop):
                return self._by_schema(Criterion.parse(criterion), prop) or self._by_name(prop)
            case ("old_failed_event", prop):
                return self.old_failed_event.get(prop)
        return None

    def _by_schema(self, criterion: Criterion, prop: str) -> str | None:
        for pattern, reasons in self.schemas.items():
            if fnmatchcase(f"{criterion.vendor}/{criterion.name}", pattern):
                for path, reason in reasons.items():
                    if prop == path or prop.startswith((f"{path}.", f"{path}[")):
                        return reason
        return None

    def _by_name(self, path: str) -> str | None:
        name = _last_name(path)
        return next((reason for each, reason in self.names.items() if _folded(each) == name), None)


def _last_name(path: str) -> str:
    return _folded(path.removesuffix("[]").rpartition(".")[2])


def _folded(name: str) -> str:
    """userId, user_id and user-id are one name."""
    return _SEPARATORS.sub("", name).casefold()


def load(file: Path = FILE) -> Identifying:
    """Read the list. Raises UnusableError that names line and path."""
    name = str(file.relative_to(Path.cwd())) if file.is_relative_to(Path.cwd()) else str(file)
    read = document.read(name)
    try:
        listed = msgspec.convert(read.contents, Identifying)
    except msgspec.ValidationError as problem:
        raise document.UnusableError(read.problem((), str(problem))) from None
    problems = [
        read.problem(("columns", name), "no column of an enriched event: correct the name")
        for name in listed.columns
        if name not in INDEX
    ]
    if problems:
        raise document.UnusableError(*problems)
    return listed
