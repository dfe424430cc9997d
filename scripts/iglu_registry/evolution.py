"""Whether a version of a schema accepts whatever the version before accepted: decided by witnesses, not by keywords."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from scripts.iglu_registry.instances import Content, Json, Pair, instances, size
from services.enricher.iglu.schema import compiled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from jsonschema_rs import Draft4Validator

    from wire.self_describing import SchemaKey

_MOST_TRIED = 300_000
_SHOWN = 160  # characters of a witness


@dataclass(frozen=True, slots=True)
class Witness:
    """An instance that the older version accepts and the newer refuses, where, and by which keyword."""

    instance: Json
    place: str
    keyword: str

    def __str__(self) -> str:
        text = json.dumps(self.instance, ensure_ascii=False)
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"
        return f"{self.place}: {self.keyword} refuses what the older version accepts, for example {shown}"


def narrowed(registry: Path, keys: Iterable[SchemaKey]) -> Iterator[tuple[SchemaKey, SchemaKey, Witness]]:
    """Yield each ADDITION among the versions of one schema with a witness that it accepts less than the one before.

    Raises SchemaError for a file that is not a schema.
    """
    for older, newer in pairwise(sorted(keys, key=lambda key: key.number)):
        if (older.model, older.revision) == (newer.model, newer.revision):
            texts = [(registry / key.path).read_bytes() for key in (older, newer)]
            validators = [compiled(text, key).validator for text, key in zip(texts, (older, newer), strict=True)]
            for witness in witnesses(json.loads(texts[0]), json.loads(texts[1]), validators[0], validators[1]):
                yield older, newer, witness


def witnesses(old: Content, new: Content, before: Draft4Validator, after: Draft4Validator) -> list[Witness]:
    """Return the shortest witness for each place and keyword at which `new` refuses what `old` accepts."""
    found: dict[tuple[str, str], Witness] = {}
    for instance in islice(instances(Pair(old, new, (old, new))), _MOST_TRIED):
        if after.is_valid(instance) or not before.is_valid(instance):
            continue
        for error in after.iter_errors(instance):
            place = "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
            keyword = next((str(step) for step in reversed(error.schema_path) if isinstance(step, str)), "schema")
            known = found.get((place, keyword))
            if known is None or size(instance) < size(known.instance):
                found[place, keyword] = Witness(instance, place, keyword)
    return [found[where] for where in sorted(found)]
