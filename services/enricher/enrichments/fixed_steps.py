"""The steps of Enrich 6.x among its enrichments that nobody can switch: URLs, the derived time, the event's schema.

Each fills cells and adds the messages of what failed.
"""

from services.enricher.enrichments.enrichable import Enrichable
from services.enricher.fields import parameters
from services.enricher.text import url
from services.enricher.text.java_uri import UrlError
from services.enricher.text.timestamps import format_any_timestamp
from wire.columns import INDEX
from wire.failed_events import Json, input_data
from wire.self_describing import SNOWPLOW, SchemaKey

_GOOGLE = "com.google.analytics"
_EVENT_SCHEMAS = {
    "page_view": (SNOWPLOW, "page_view", "jsonschema", "1-0-0"),
    "page_ping": (SNOWPLOW, "page_ping", "jsonschema", "1-0-0"),
    "struct": (_GOOGLE, "event", "jsonschema", "1-0-0"),
    "transaction": (SNOWPLOW, "transaction", "jsonschema", "1-0-0"),
    "transaction_item": (SNOWPLOW, "transaction_item", "jsonschema", "1-0-0"),
}


def _columns(prefix: str, parts: tuple[str, ...]) -> slice:
    """Return the columns of the parts, which stand side by side."""
    first = INDEX[prefix + parts[0]]
    return slice(first, first + len(parts))


_URL_PARTS = ("scheme", "host", "port", "path", "query", "fragment")
_PAGE, _REFERRER = _columns("page_url", _URL_PARTS), _columns("refr_url", _URL_PARTS)
_EVENT_KEY = _columns("event_", ("vendor", "name", "format", "version"))
_PAGE_URL, _PAGE_REFERRER = INDEX["page_url"], INDEX["page_referrer"]
_EVENT, _V_COLLECTOR, _DERIVED = INDEX["event"], INDEX["v_collector"], INDEX["derived_tstamp"]
_CREATED, _SENT, _TRUE = INDEX["dvce_created_tstamp"], INDEX["dvce_sent_tstamp"], INDEX["true_tstamp"]
_COLLECTOR = INDEX["collector_tstamp"]


def collector(event: Enrichable) -> None:
    """Check that the collector said its name."""
    if not event.cells[_V_COLLECTOR]:
        event.failures.append(_failure(input_data("v_collector", None, "should be set")))


def page(event: Enrichable, referer: str | None) -> None:
    """Take the page's URL apart: the tracker's, else that of the Referer header; write it as it could be read."""
    cells = event.cells
    text = cells[_PAGE_URL] or referer
    if text is not None:  # an empty header is a URL too: it has a port
        try:
            # No part holds a control character: a URL with one is refused, or the character is encoded.
            cells[_PAGE_URL], cells[_PAGE] = url.cells(text)
        except UrlError as error:
            event.failures.append(_failure({"error": str(error)}))


def referrer(event: Enrichable) -> None:
    """Take the referrer's URL apart; the URL itself stays as it came."""
    if text := event.cells[_PAGE_REFERRER]:
        try:
            _, event.cells[_REFERRER] = url.cells(text)
        except UrlError as error:
            event.failures.append(_failure({"error": str(error)}))


def derived_timestamp(event: Enrichable, of_collector: int) -> None:
    """Write when the event most likely happened; `of_collector` is in ms since the epoch."""
    cells, of_event = event.cells, event.parameters
    created, sent, true = cells[_CREATED], cells[_SENT], cells[_TRUE]
    if true:
        cells[_DERIVED] = true
    elif created and created < sent:  # of one form, so they sort as their times do
        delay = parameters.milliseconds(of_event["stm"] or "") - parameters.milliseconds(of_event["dtm"] or "")
        cells[_DERIVED] = format_any_timestamp(of_collector - delay)
    else:
        cells[_DERIVED] = cells[_COLLECTOR]


def event_schema(event: Enrichable, unstruct: SchemaKey | None) -> None:
    """Write the schema of the event: an unstruct event's own, the fixed one of the others."""
    cells = event.cells
    name = cells[_EVENT]
    if name == "unstruct":
        if unstruct is not None:
            cells[_EVENT_KEY] = unstruct.vendor, unstruct.name, unstruct.format, unstruct.version
    elif (key := _EVENT_SCHEMAS.get(name)) is not None:
        cells[_EVENT_KEY] = key
    else:
        unknown = input_data("event", name or None, "trying to extract the schema of the enriched event")
        event.failures.append(_failure(unknown))


def _failure(message: Json) -> Json:
    """Say what failed in a step that is not an enrichment."""
    return {"enrichment": None, "message": message}
