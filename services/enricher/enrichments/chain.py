"""The enrichments that are switched on, in the order of Enrich 6.x, around its own steps that are not switchable."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.enricher.enrichments.enrichable import Enrichable, EnrichmentError


@dataclass(frozen=True, slots=True)
class Enrichment:
    """One step: what it does to an event (raises EnrichmentError), and what a failed event calls it, if anything."""

    run: Callable[[Enrichable], None]
    identifier: str | None = None
    config_schema: str | None = None


@dataclass(frozen=True, slots=True)
class Enrichments:
    """The steps by place: before the referrer's URL is taken apart, before the event's schema is set, and after it."""

    before_referrer: Sequence[Enrichment] = ()
    before_event_schema: Sequence[Enrichment] = ()
    after_event_schema: Sequence[Enrichment] = ()


def run(steps: Sequence[Enrichment], events: Sequence[Enrichable]) -> None:
    """Run all steps, each for all events; note the failures of an event, which stop neither it nor the others."""
    for step in steps:
        run_step = step.run
        for event in events:
            try:
                run_step(event)
            except EnrichmentError as error:
                named = {"schemaKey": step.config_schema, "identifier": step.identifier}
                which = None if step.identifier is None else named
                event.failures += [{"enrichment": which, "message": message} for message in error.messages]
