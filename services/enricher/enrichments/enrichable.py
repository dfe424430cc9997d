"""One event as the enrichments see it: its cells, the request that it came in, and the contexts that they derive."""

from msgspec import Struct, field

from services.enricher.fields.column_plan import ColumnPlan, Parameters
from services.enricher.text import exact_json
from wire import utf8
from wire.columns import INDEX
from wire.failed_events import Json
from wire.querystring import Decode, pairs
from wire.self_describing import SelfDescribing

CONTEXTS = "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1"
_PAGE_QUERY = INDEX["page_urlquery"]


class EnrichmentError(Exception):
    """An enrichment failed; `messages` become the failed event's, never a log's. None of them quotes a value."""

    def __init__(self, *messages: Json) -> None:
        super().__init__(type(self).__name__)
        self.messages = messages


def simple(error: str) -> EnrichmentError:
    """Return the error whose message is one sentence."""
    return EnrichmentError({"error": error})


class SharedContext(SelfDescribing, frozen=True):
    """A context that many events have. `cell` keeps the text that it makes alone, once it has been found valid."""

    cell: list[str] = field(default_factory=list)


class Enrichable(Struct):
    """An event between the phases of input and output validation.

    `cells` are the 131 columns, `headers` the request's `Name: value` lines, `parameters` the event's own after the
    adapter, null for a key without value, and `column_plan` that of their keys. `derived` are the contexts so far, the
    newest first. `failures` are what a failed event says of the steps that failed. `pii` is the transformation's data
    that the pii enrichment leaves. `decode` makes text of the bytes of a querystring.
    """

    cells: list[str]
    headers: tuple[str, ...]
    parameters: Parameters
    column_plan: ColumnPlan
    derived: list[SelfDescribing] = []
    failures: list[Json] = []
    pii: Json | None = None
    decode: Decode = utf8.decode
    _page_query: dict[str, str] | None = None

    def __getitem__(self, column: str) -> str:
        return self.cells[INDEX[column]]

    def __setitem__(self, column: str, text: str) -> None:
        self.cells[INDEX[column]] = text

    def derive(self, *contexts: SelfDescribing) -> None:
        """Add contexts in front of those of earlier enrichments, in their own order."""
        self.derived[:0] = contexts

    @property
    def page_query(self) -> dict[str, str]:
        """The page's query, decoded; of a name that occurs twice the last value, empty for a name without value."""
        if self._page_query is None:
            query = self.cells[_PAGE_QUERY]  # of a URL that could be read
            self._page_query = {name: value or "" for name, value in pairs(query, self.decode)} if query else {}
        return self._page_query


def contexts_cell(contexts: list[Json]) -> str:
    """Write contexts as the cells `contexts` and `derived_contexts` hold them, empty for none."""
    return exact_json.dump({"schema": CONTEXTS, "data": contexts}) if contexts else ""
