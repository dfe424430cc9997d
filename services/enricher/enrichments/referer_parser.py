"""referer_parser: the kind and name of the site that a visit came from, and the term that was searched for there.

The data file is `{medium: {source: {"domains": [host or host/path], "parameters": [of the term], "utm_sources": [value
of utm_source]}}}`. Many sites, chat bots among them, name themselves by `utm_source` where no referrer is sent: that
makes a context and leaves the columns alone (Enrich 6.13, docs.snowplow.io, "Referrer parser enrichment").
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from services.enricher.enrichments.assets import Assets
from services.enricher.enrichments.configuration import Configuration
from services.enricher.enrichments.enrichable import Enrichable
from services.enricher.text import querystring
from wire.columns import INDEX
from wire.querystring import tsv_safe
from wire.self_describing import SchemaKey, SelfDescribing

_SCHEMES = {"http", "https", "android-app"}
_SCHEME, _HOST, _PATH, _QUERY, _PAGE_HOST = (
    INDEX[column] for column in ("refr_urlscheme", "refr_urlhost", "refr_urlpath", "refr_urlquery", "page_urlhost")
)
_UTM_REFERRER = SchemaKey.parse("iglu:com.snowplowanalytics.snowplow/utm_referrer/jsonschema/1-0-0")
_PAGE_QUERY = INDEX["page_urlquery"]
_MEDIUM, _SOURCE, _TERM = (INDEX[f"refr_{part}"] for part in ("medium", "source", "term"))


class _Site(msgspec.Struct):
    domains: list[str]
    parameters: list[str] = []
    utm_sources: list[str] = []


type _Sites = dict[str, dict[str, _Site]]


class _Parameters(msgspec.Struct, rename="camel"):
    internal_domains: list[str]
    uri: str
    database: str
    referrers: _Sites = {}


@dataclass(frozen=True, slots=True)
class Referrer:
    """A known site; `parameters` are the names of those that hold a search term."""

    medium: str
    source: str
    parameters: frozenset[str]


type Table = dict[str, dict[str, Referrer]]  # by host, then by path, which is empty for none


@dataclass(frozen=True, slots=True)
class Known:
    """The sites of a data file, by their hosts and by the value of `utm_source` that they send."""

    hosts: Table
    utm_sources: dict[str, Referrer]


def build(configuration: Configuration, assets: Assets) -> Callable[[Enrichable], None]:
    """Return the enrichment: refr_medium, refr_source, refr_term, a context; it never fails. Raises AssetError."""
    parameters = configuration.read(_Parameters)
    internal = {domain.strip() for domain in parameters.internal_domains}
    own = known(parameters.referrers)
    file = assets.use(parameters.uri, parameters.database, read)

    def run(event: Enrichable) -> None:
        look_at_referrer(event.cells)
        if event.cells[_PAGE_QUERY] and (sent := event.page_query.get("utm_source")):
            found = own.utm_sources.get(sent) or file.value.utm_sources.get(sent)
            if found is not None:
                event.derive(SelfDescribing(_UTM_REFERRER, {"source": found.source, "medium": found.medium}))

    def look_at_referrer(cells: list[str]) -> None:
        host = cells[_HOST]
        if not host or cells[_SCHEME] not in _SCHEMES:
            return
        if host == cells[_PAGE_HOST] or host in internal:
            cells[_MEDIUM] = "internal"
            return
        path = cells[_PATH]
        found = look_up(own.hosts, host, path) or look_up(file.value.hosts, host, path)
        if found is None:
            cells[_MEDIUM] = "unknown"
            return
        cells[_MEDIUM], cells[_SOURCE] = found.medium, found.source
        if found.medium == "search" and found.parameters:
            cells[_TERM] = _term(cells[_QUERY], found.parameters)

    return run


def read(file: Path) -> Known:
    """Read a data file. Raises ValueError."""
    try:
        return known(msgspec.json.decode(file.read_bytes(), type=_Sites))
    except msgspec.DecodeError as defect:
        raise ValueError(str(defect)) from None


def known(sites: _Sites) -> Known:
    """Return the sites by host and path, and by `utm_source`; of what occurs twice the last counts."""
    found = Known({}, {})
    for medium, sources in sites.items():
        for source, site in sources.items():
            referrer = Referrer(medium, source, frozenset(site.parameters))
            found.utm_sources.update(dict.fromkeys(site.utm_sources, referrer))
            for domain in site.domains:
                host, slash, path = domain.partition("/")
                found.hosts.setdefault(host, {})[slash + path] = referrer
    return found


def look_up(table: Table, host: str, path: str) -> Referrer | None:
    """Find the host, or what it is a subdomain of: with its full path, else its first segment, else none."""
    sites = [site for each in _with_parents(host) if (site := table.get(each)) is not None]
    return next((site[rest] for rest in _paths(path) for site in sites if rest in site), None) if sites else None


def _with_parents(host: str) -> Iterator[str]:
    while host:
        yield host
        host = host.partition(".")[2]


def _paths(path: str) -> tuple[str, ...]:
    segment = next(filter(None, path.split("/")), None)
    return ("",) if segment is None else (path, f"/{segment}", "")


def _term(query: str, parameters: frozenset[str]) -> str:
    try:
        pairs = querystring.parse(query)
    except querystring.QuerystringError:  # Enrich's lookup never fails
        return ""
    return next((tsv_safe(value or "") for name, value in pairs if name in parameters), "")
