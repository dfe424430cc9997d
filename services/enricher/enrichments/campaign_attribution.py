"""campaign_attribution: the campaign that brought the visit, from the page's query."""

from collections.abc import Callable

import msgspec

from services.enricher.enrichments.configuration import Configuration
from services.enricher.enrichments.enrichable import Enrichable
from wire.columns import INDEX
from wire.querystring import tsv_safe

_NETWORKS = {"gclid": "Google", "msclkid": "Microsoft", "dclid": "DoubleClick"}
_CLICK_ID, _NETWORK = INDEX["mkt_clickid"], INDEX["mkt_network"]


class _Fields(msgspec.Struct, rename="camel"):
    mkt_medium: list[str]
    mkt_source: list[str]
    mkt_term: list[str]
    mkt_content: list[str]
    mkt_campaign: list[str]
    mkt_click_id: dict[str, str] = {}


class _Parameters(msgspec.Struct):
    fields: _Fields
    mapping: str | None = "static"


def build(configuration: Configuration) -> Callable[[Enrichable], None]:
    """Return the enrichment: columns mkt_*; it never fails. Raises EnrichmentConfigError for a mapping by script."""
    parameters = configuration.read(_Parameters)
    if parameters.mapping == "script":
        raise configuration.error("parameters.mapping", "script is left out, say static")
    fields = parameters.fields
    columns = [
        (INDEX["mkt_medium"], fields.mkt_medium),
        (INDEX["mkt_source"], fields.mkt_source),
        (INDEX["mkt_term"], fields.mkt_term),
        (INDEX["mkt_content"], fields.mkt_content),
        (INDEX["mkt_campaign"], fields.mkt_campaign),
    ]
    networks = _NETWORKS | fields.mkt_click_id

    def run(event: Enrichable) -> None:
        if not (query := event.page_query):
            return
        for column, names in columns:
            for name in names:
                if name in query:
                    event.cells[column] = tsv_safe(query[name])
                    break
        for name, network in networks.items():
            if name in query:
                event.cells[_CLICK_ID], event.cells[_NETWORK] = tsv_safe(query[name]), tsv_safe(network)
                break

    return run
