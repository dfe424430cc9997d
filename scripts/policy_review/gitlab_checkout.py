"""GitLab's vocabularies from checkouts of its sources: files are read, nothing of them is run.

The lists only grow unless they are pruned: instances of older versions go on sending what GitLab has removed.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_:./@+# -]{0,127}")
_DIGITS = re.compile("[0-9]{6,}")
_DATE_OF_A_MODEL = re.compile(r"(?<![0-9])20[0-9]{2}[01][0-9][0-3][0-9](?![0-9])")
_MOST_SPACES = 4  # of a product's name, not of a sentence
_LISTS_OF_MODELS = ("model", "model_engine", "model_provider")


class CheckoutError(Exception):
    """The folder is not a checkout of what it should be; the text names the file that is missing or wrong."""


@dataclass(slots=True)
class Update:
    """What a checkout changes: the new lists, what is new and what GitLab no longer has in each, what was refused."""

    lists: dict[str, list[str]]
    added: dict[str, list[str]] = field(default_factory=dict)
    gone: dict[str, list[str]] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)


def update(old: Mapping[str, Iterable[str]], found: Mapping[str, Iterable[str]], *, prune: bool) -> Update:
    """Return `old` with the names of `found`; with `prune`, without those that a checkout no longer has."""
    result = Update({name: sorted(names) for name, names in old.items()})
    for name, names in sorted(found.items()):
        before, now = set(result.lists.get(name, ())), set(names)
        refused = {each for each in now - before if not is_name(each, name)}
        now -= refused
        result.refused += [(name, each) for each in sorted(refused)]
        result.added[name], result.gone[name] = sorted(now - before), sorted(before - now)
        result.lists[name] = sorted(now if prune else now | before)
    return result


def is_name(text: str, name_of_list: str) -> bool:
    """Return whether it may stand in a list: no prose, no address, no number of a person or thing."""
    if _NAME.fullmatch(text) is None or text.count(" ") > _MOST_SPACES:
        return False
    if name_of_list in _LISTS_OF_MODELS:
        return _DIGITS.search(_DATE_OF_A_MODEL.sub("", text)) is None
    return "@" not in text and _DIGITS.search(text) is None


def gitlab(checkout: Path) -> dict[str, set[str]]:
    """Return the lists that a checkout of gitlab-org/gitlab defines. Raises CheckoutError."""
    actions: set[str] = set()
    categories: set[str] = set()
    for definition in _definitions(checkout, "config/events"):
        actions |= _texts(definition.get("action"))
        category = _texts(definition.get("category"))
        categories |= {each for each in category if " " not in each}
    # Old events have no definition of their own, only metrics that count them; instances go on sending them.
    actions |= {name for metric in _definitions(checkout, "config/metrics") for name in _counted(metric)}
    features = _read(checkout / "config/feature_categories.yml")
    if not actions or not isinstance(features, list):
        raise CheckoutError(f"{checkout}: no checkout of gitlab-org/gitlab: config/events or feature_categories.yml")
    flags = [_read(file) for file in _files(checkout, "config/feature_flags/experiment")]
    return {
        "se_action": actions,
        "internal_event": actions,
        "se_category": categories,
        "feature_category": {each for each in features if isinstance(each, str)},
        "experiment": {name for flag in flags if isinstance(flag, dict) for name in _texts(flag.get("name"))},
    }


def ai_gateway(checkout: Path) -> dict[str, set[str]]:
    """Return the lists that a checkout of the AI Gateway defines. Raises CheckoutError."""
    file = checkout / "ai_gateway/model_selection/models.yml"
    models = _read(file)
    if not isinstance(models, dict) or not isinstance(models.get("models"), list):
        raise CheckoutError(f"{file}: no list `models`: give a checkout of the AI Gateway")
    found: dict[str, set[str]] = {"model": set(), "model_provider": set()}
    for model in filter(lambda each: isinstance(each, dict), models["models"]):
        parameters = model.get("params") if isinstance(model.get("params"), dict) else {}
        found["model"] |= _texts(model.get("gitlab_identifier")) | _texts(parameters.get("model"))
        found["model_provider"] |= _texts(model.get("provider"))
    actions = {
        each for definition in _definitions(checkout, "config/events") for each in _texts(definition.get("action"))
    }
    return {**found, "se_action": actions}


def commit(checkout: Path) -> str:
    """Return the commit that is checked out, `unknown` where it is not a git repository."""
    command = ["git", "-C", str(checkout), "rev-parse", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _definitions(checkout: Path, folder: str) -> Iterator[dict[str, Any]]:
    for file in _files(checkout, folder):
        definition = _read(file)
        if isinstance(definition, dict):
            yield definition


def _counted(metric: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the events that a metric counts."""
    events = metric.get("events")
    for event in events if isinstance(events, list) else ():
        yield from _texts(event.get("name") if isinstance(event, dict) else None)
    options = metric.get("options")
    names = options.get("events") if isinstance(options, dict) else None
    for name in names if isinstance(names, list) else ():
        yield from _texts(name)


def _files(checkout: Path, folder: str) -> list[Path]:
    return sorted(file for root in (checkout, checkout / "ee") for file in (root / folder).rglob("*.yml"))


def _read(file: Path) -> object:
    try:
        return yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)  # the safe loader, in C
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise CheckoutError(f"{file}: cannot be read: {type(problem).__name__}") from None


def _texts(value: object) -> set[str]:
    return {value} if isinstance(value, str) and value else set()
