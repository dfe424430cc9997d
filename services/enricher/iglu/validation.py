"""Iglu: whether data fulfils the schema that it names.

Schemas of the bundle are compiled at the start and stay; those of registries elsewhere are kept as the resolver's
configuration says. Messages name the schema's keyword and never a value (docs/adr/0004-validation-messages.md).
"""

import logging
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from cachetools import LRUCache
from jsonschema_rs import ValidationError, ValidationErrorKind

from services.enricher.iglu.java_schema import RULES
from services.enricher.iglu.patience import Patience
from services.enricher.iglu.resolver import Answer, Resolver
from services.enricher.iglu.schema import Schema, SchemaError
from services.enricher.support import aws
from wire.failed_events import Json, iglu_error
from wire.self_describing import SchemaKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.enricher.iglu.forms import TextObjects
    from services.enricher.iglu.registries import LookupFault

_log = logging.getLogger(__name__)
# One event's data can break a schema in every element; the first failures say what is wrong.
_MAX_REPORTS = 50
# What a registry could not say for sure is kept for so long: that it failed, or a schema that is known from before.
_KEPT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Known:
    """What a registry elsewhere said of a key: its schema or the error of its messages, until a monotonic time."""

    schema: Schema | None
    error: Json
    until: float | None


class Iglu:
    """The schemas of the bundle and of the registries that a resolver configuration names.

    `superseded` tells, of the keys met so far, which newer version their data was validated with. Of the bundle's
    schemas met so far that nothing supersedes, by their URIs: `accepts` has what tells whether data is valid,
    `text_objects` and `wrappers` those that have one of these forms (`iglu_forms`).
    `on_failure` is called for each lookup that a registry answered with a failure, after any waiting, `on_unchecked`
    with the number of a schema's patterns that cannot be checked, when it is met (docs/java-patterns.md). `broken` says
    what is wrong with schemas in directories, one line each: only their own events fail. Raises RegistryError when the
    configuration is wrong.
    """

    def __init__(
        self,
        registry: Path,
        resolver: Path | None = None,
        *,
        patience: Patience | None = None,
        on_failure: "Callable[[LookupFault], object]" = lambda _: None,
        on_unchecked: "Callable[[int], object]" = lambda _: None,
    ) -> None:
        self._resolver = Resolver(registry, resolver)
        self.broken = self._resolver.broken
        self._patience = patience or Patience()
        self._on_failure = on_failure
        self._on_unchecked = on_unchecked
        self._local: dict[SchemaKey, Schema] = {}
        # The senders choose the keys, so the ones that are not asked for make room.
        self._elsewhere: LRUCache[SchemaKey, _Known] = LRUCache(self._resolver.cache_size)
        self.superseded: dict[SchemaKey, SchemaKey] = {}
        self.accepts: dict[str, Callable[[object], bool]] = {}
        self.text_objects: dict[str, TextObjects] = {}
        self.wrappers: set[str] = set()

    def failure(self, key: SchemaKey, data: object) -> Json | None:
        """Return None if `data` fulfils the schema, else the IgluError message: not found, not a schema, or invalid.

        Waits while a registry that could have the schema gives no answer, as long as there is patience left.
        """
        schema = self._local.get(key)
        if schema is None:
            schema, error = self._find(key)
            if schema is None:
                return iglu_error(str(key), error)
        if schema.superseded_by is not None:
            return self._failure_of_newer(key, schema.superseded_by, data)
        return None if schema.validator.is_valid(data) else iglu_error(str(key), _invalid(schema, data))

    def _failure_of_newer(self, key: SchemaKey, newer: SchemaKey, data: object) -> Json | None:
        """Validate with the version that in the end supersedes `key`'s; each step goes to a greater one."""
        while True:
            schema, error = self._find(newer)
            if schema is None:
                return iglu_error(str(key), error)
            if schema.superseded_by is None:
                break
            newer = schema.superseded_by
        self.superseded[key] = newer
        if schema.validator.is_valid(data):
            return None
        return iglu_error(str(key), {**_invalid(schema, data), "supersededBy": newer.version})

    def _find(self, key: SchemaKey) -> tuple[Schema | None, Json]:
        if (schema := self._local.get(key)) is not None:
            return schema, {}
        known = self._elsewhere.get(key)
        if known is not None and (known.until is None or time.monotonic() < known.until):
            return known.schema, known.error
        try:
            answer = self._ask(key, is_known=known is not None and known.schema is not None)
        except SchemaError as error:
            issue: Json = {"path": "$", "message": str(error)}
            unusable: Json = {"error": "ValidationError", "schemaIssues": [issue]}
            self._keep(key, _Known(None, unusable, self._until()))
            return None, unusable
        if answer.schema is not None and answer.schema.left_out:
            _log.warning("%s: patterns are not checked, they use %s", key, ", ".join(answer.schema.left_out))
            self._on_unchecked(len(answer.schema.left_out))
        for failure in answer.failures:
            self._on_failure(failure.error)
        if answer.failures and known is not None and known.schema is not None:
            self._keep(key, _Known(known.schema, {}, time.monotonic() + _KEPT_SECONDS))
            return known.schema, {}
        missing: Json = {"error": "ResolutionError", "lookupHistory": list(answer.history)}
        if not answer.is_local:
            until = time.monotonic() + _KEPT_SECONDS if answer.failures else self._until()
            self._keep(key, _Known(answer.schema, missing, until))
        elif answer.schema is not None:
            self._local[key] = answer.schema
            if answer.schema.superseded_by is None:
                self._is_met(str(key), answer.schema)
        return answer.schema, missing

    def _ask(self, key: SchemaKey, *, is_known: bool) -> Answer:
        """Look the schema up, again while a registry gives no answer; once only if it is known from before."""
        for attempt, seconds in enumerate(aws.waits(), start=1):
            is_last = not self._patience.is_left
            started = time.monotonic()
            answer = self._resolver.lookup(key, attempt, is_last=is_last)
            if not answer.is_unanswered:
                return answer
            # Counted also when another registry has the schema: the attempt held the shard all the same.
            self._patience.spend(time.monotonic() - started)
            if answer.schema is not None or is_last or is_known:
                return answer
            self._patience.wait(seconds)
        raise AssertionError("waits() does not end")

    def _is_met(self, uri: str, schema: Schema) -> None:
        self.accepts[uri] = schema.validator.is_valid
        if schema.text_objects is not None:
            self.text_objects[uri] = schema.text_objects
        if schema.is_wrapper:
            self.wrappers.add(uri)

    def _until(self) -> float | None:
        ttl = self._resolver.ttl_seconds
        return None if ttl is None else time.monotonic() + ttl

    def _keep(self, key: SchemaKey, known: _Known) -> None:
        """Remember what a registry said, if the configuration has a cache."""
        if self._elsewhere.maxsize >= 1:
            self._elsewhere[key] = known


def data_report(message: str, path: str | None, keyword: str | None, targets: tuple[str, ...] = ()) -> Json:
    """Return one entry of `dataReports`."""
    return {"message": message, "path": path, "keyword": keyword, "targets": list(targets)}


def _invalid(schema: Schema, data: object) -> Json:
    reports: list[Json] = [_report(error) for error in islice(schema.validator.iter_errors(data), _MAX_REPORTS)]
    return {"error": "ValidationError", "dataReports": reports}


def _report(error: ValidationError) -> Json:
    known = {step for step in error.schema_path if isinstance(step, str)}
    path = "$" + "".join(_step(step, known) for step in error.instance_path)
    steps = [str(step) for step in error.schema_path]
    keyword = RULES.get(steps[-1], error.kind.name) if steps else error.kind.name
    rule = "/".join(RULES.get(step, step) for step in steps)
    targets = (error.kind.property,) if isinstance(error.kind, ValidationErrorKind.Required) else ()
    return data_report(f"{path}: does not fulfil {keyword} of the schema (#/{rule})", path, keyword, targets)


def _step(step: str | int, known: set[str]) -> str:
    """Name a property only if the schema names it: any other key is the sender's text."""
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if step in known else ".*"
