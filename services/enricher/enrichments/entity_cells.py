"""The self-describing entities in the cells `contexts` and `unstruct_event`, read back after input validation."""

from services.enricher.text import exact_json
from wire.self_describing import SelfDescribing


def entities(cell: str) -> list[SelfDescribing]:
    """Return the entities of a cell that this program wrote: each context, or the one event; none for empty."""
    if not cell:
        return []
    inner = SelfDescribing.parse(exact_json.parse(cell, exact_json.OWN_DEPTH).value).data
    return [SelfDescribing.parse(entity) for entity in (inner if isinstance(inner, list) else [inner])]
