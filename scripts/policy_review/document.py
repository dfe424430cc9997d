"""A policy file as YAML with the line and column of everything in it, so that what is wrong can be pointed at."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import yaml

from lambda_src.pseudonymizer.errors import PolicyError
from lambda_src.pseudonymizer.policy import policy

if TYPE_CHECKING:
    from lambda_src.pseudonymizer.policy.policy import Policy

ROOT = Path(__file__).parents[2]
NO_LISTS = '{"lists": {}}'

type YamlPath = tuple[str, ...]
"""The keys from the top to a place in the file; items of a list by their number."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and its remedy, in one line."""

    file: str
    place: Place
    path: str
    text: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.place.line}:{self.place.column}"
        return f"{where}: {self.path}: {self.text}" if self.path else f"{where}: {self.text}"


class UnusableError(Exception):
    """A file cannot be used; `problems` say why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file: its name for messages, its text, its contents as plain values, the place of each path in it."""

    name: str
    text: str
    contents: object
    places: dict[YamlPath, Place]
    lists: str  # the text of GitLab's vocabulary beside it

    def place(self, path: YamlPath) -> Place:
        """Return where `path` stands, or the nearest part of it that is in the file."""
        while path not in self.places:
            path = path[:-1]
        return self.places[path]

    def problem(self, path: YamlPath, text: str) -> Problem:
        """Return a problem at `path`."""
        return Problem(self.name, self.place(path), ".".join(path), text)

    def at(self, path: YamlPath) -> str:
        """Return `file:line` of `path`."""
        return f"{self.name}:{self.place(path).line}"


def read(name: str) -> Document:
    """Read a file, or a revision of one as git writes it: `main:policy/gitlab.yaml`. Raises UnusableError."""
    try:
        if ":" in name and not Path(name).exists():
            revision, _, path = name.partition(":")
            beside = f"{revision}:{PurePosixPath(path).with_name(policy.GITLAB_VOCABULARY)}"
            return parse(name, _git_show(name), _git_show(beside, missing=NO_LISTS))
        lists = Path(name).with_name(policy.GITLAB_VOCABULARY)
        return parse(name, Path(name).read_text("utf-8"), lists.read_text("utf-8") if lists.exists() else NO_LISTS)
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8"
        raise UnusableError(Problem(name, Place(1, 1), "", f"cannot be read: {reason}")) from None


def _git_show(name: str, missing: str | None = None) -> str:
    command = ["git", "show", "--end-of-options", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode and missing is not None:
        return missing
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise UnusableError(Problem(name, Place(1, 1), "", f"git has no such file: {reason}"))
    return done.stdout.decode()


def parse(name: str, text: str, lists: str = NO_LISTS) -> Document:
    """Read YAML; `lists` is the text of GitLab's vocabulary beside it.

    Raises UnusableError for what is not YAML and for a key that occurs twice.
    """
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        contents = yaml.load(text, Loader=yaml.CSafeLoader)  # the safe loader, in C
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        raise UnusableError(Problem(name, place, "", f"no YAML: {problem.problem}")) from None
    except yaml.YAMLError as problem:
        raise UnusableError(Problem(name, Place(1, 1), "", f"no YAML: {' '.join(str(problem).split())}")) from None
    places: dict[YamlPath, Place] = {(): Place(1, 1)}
    if node is not None:
        _note_places(name, node, (), places, ())
    return Document(name, text, contents, places, lists)


def _note_places(
    name: str, node: yaml.Node, path: YamlPath, places: dict[YamlPath, Place], outer: tuple[yaml.Node, ...]
) -> None:
    if node in outer:
        raise UnusableError(Problem(name, _place(node), ".".join(path), "holds itself: remove the alias"))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            place = _place(key)
            if inner in places:
                twice = f"occurs twice, first in line {places[inner].line}: keep one"
                raise UnusableError(Problem(name, place, ".".join(inner), twice))
            places[inner] = place
            _note_places(name, value, inner, places, (*outer, node))
    elif isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            places[*path, str(position)] = _place(item)
            _note_places(name, item, (*path, str(position)), places, (*outer, node))


def _place(node: yaml.Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def load(document: Document) -> Policy:
    """Read the policy with the function's own reader, of which nothing here knows better. Raises UnusableError."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "policy.yaml"
        file.write_text(document.text, "utf-8")
        (Path(directory) / policy.GITLAB_VOCABULARY).write_text(document.lists, "utf-8")
        try:
            return policy.load(file)
        except PolicyError as problem:
            text = str(problem).removeprefix("policy.yaml: ")
    path = max((path for path in document.places if text.startswith(f"{'.'.join(path)}: ")), key=len, default=())
    raise UnusableError(document.problem(path, text.removeprefix(f"{'.'.join(path)}: ")))
