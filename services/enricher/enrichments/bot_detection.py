"""bot_detection: one verdict over what the tracker, the IAB's lists and the sender's network say."""

from collections.abc import Callable

import msgspec

from services.enricher.enrichments import iab
from services.enricher.enrichments.configuration import Configuration
from services.enricher.enrichments.enrichable import Enrichable
from services.enricher.enrichments.entity_cells import entities
from services.enricher.enrichments.ip_lookups import ASN
from wire.self_describing import Criterion, SchemaKey, SelfDescribing

_SCHEMA = SchemaKey.parse("iglu:com.snowplowanalytics.snowplow/bot_detection/jsonschema/1-0-1")
_CLIENT_SIDE = Criterion.parse("iglu:com.snowplowanalytics.snowplow/client_side_bot_detection/jsonschema/1-0-*")
_CLIENT_SIDE_NAME = "/client_side_bot_detection/"


class _Parameters(msgspec.Struct, rename="camel"):
    use_yauaa: bool
    use_iab: bool
    use_asn_lookups: bool
    use_client_side_detection: bool = False


def build(configuration: Configuration) -> Callable[[Enrichable], None]:
    """Return the enrichment: one context for each event; it never fails. Raises EnrichmentConfigError."""
    parameters = configuration.read(_Parameters)
    if parameters.use_yauaa:
        raise configuration.error("parameters.useYauaa", "YAUAA is left out, see docs/enrichments.md; say false")
    marks = {
        schema: mark
        for schema, mark, used in (
            (iab.SCHEMA, ("iab", "spiderOrRobot"), parameters.use_iab),
            (ASN, ("asnLookups", "likelyBot"), parameters.use_asn_lookups),
        )
        if used
    }

    def run(event: Enrichable) -> None:
        indicators = ["clientSideDetection"] if parameters.use_client_side_detection and _client_says(event) else []
        for context in reversed(event.derived):
            indicator, name = marks.get(context.schema, ("", ""))
            if isinstance(context.data, dict) and context.data.get(name) is True:
                indicators.append(indicator)
        event.derive(SelfDescribing(_SCHEMA, {"bot": bool(indicators), "indicators": indicators}))

    return run


def _client_says(event: Enrichable) -> bool:
    if _CLIENT_SIDE_NAME not in event["contexts"]:
        return False
    said = (entity.data for entity in entities(event["contexts"]) if _CLIENT_SIDE.matches(entity.schema))
    return any(isinstance(data, dict) and data.get("bot") is True for data in said)
