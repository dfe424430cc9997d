"""cross_navigation: who followed a link from another site or app to this page, from the query's `_sp`.

Its parts, joined by dots: domain user id, timestamp in ms, session id, user id, source id, source platform, reason. The
two columns are filled whether or not the enrichment is switched on; the context only if it is.
"""

from services.enricher.enrichments.chain import Enrichment
from services.enricher.enrichments.enrichable import Enrichable, EnrichmentError
from services.enricher.fields import parameters
from services.enricher.fields.parameters import ParameterError
from wire.columns import INDEX
from wire.failed_events import input_data
from wire.querystring import tsv_safe
from wire.self_describing import SchemaKey, SelfDescribing

_SCHEMA = SchemaKey.parse("iglu:com.snowplowanalytics.snowplow/cross_navigation/jsonschema/1-0-0")
_NAMES = ("domain_user_id", "timestamp", "session_id", "user_id", "source_id", "source_platform", "reason")
_ENCODED = ("user_id", "source_id", "reason")
_QUERY, _USER, _TIMESTAMP = (INDEX[column] for column in ("page_urlquery", "refr_domain_userid", "refr_dvce_tstamp"))


def _columns(event: Enrichable) -> dict[str, str | None] | None:
    """Fill the columns; return the parts by name, blank ones null, or None if there is no more to say."""
    crossing = event.page_query.get("_sp") if event.cells[_QUERY] else None
    if crossing is None or len(parts := crossing.split(".")) > len(_NAMES):
        return None
    named = dict.fromkeys(_NAMES) | {name: part or None for name, part in zip(_NAMES, parts, strict=False)}
    event.cells[_USER] = tsv_safe(named["domain_user_id"] or "")
    if (sent := named["timestamp"]) is not None:
        try:
            event.cells[_TIMESTAMP] = parameters.timestamp(sent)
        except ParameterError as error:
            raise EnrichmentError(input_data("sp_dtm", sent, str(error))) from None
    return named


def _context(event: Enrichable) -> None:
    named = _columns(event)
    if named is None or named["domain_user_id"] is None or named["timestamp"] is None:
        return
    for name in _ENCODED:
        if (encoded := named[name]) is not None:
            named[name] = parameters.decode_base64(encoded).decode(errors="replace") or None
    named["timestamp"] = event.cells[_TIMESTAMP].replace(" ", "T") + "Z"
    event.derive(SelfDescribing(_SCHEMA, named))


def _only_columns(event: Enrichable) -> None:
    _columns(event)


COLUMNS_ONLY = Enrichment(_only_columns)


def enabled(config_schema: str) -> Enrichment:
    """Return the enrichment with its context."""
    return Enrichment(_context, "cross-navigation", config_schema)
