"""Build the enrichment steps from a directory of configurations, in the order of Enrich 6.x.

Wire contract (docs/reference/wire-contract.md): C.6 Order of enrichments.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.enricher.enrichments import (
    anon_ip,
    api_request,
    asn_lookups,
    bot_detection,
    campaign_attribution,
    configuration,
    cookie_extractor,
    cross_navigation,
    event_fingerprint,
    http_header_extractor,
    iab,
    ip_lookups,
    pii,
    referer_parser,
    ua_parser,
)
from services.enricher.enrichments.assets import AssetError, Assets
from services.enricher.enrichments.chain import Enrichment, Enrichments
from services.enricher.enrichments.configuration import Configuration, EnrichmentConfigError
from services.enricher.enrichments.enrichable import Enrichable
from wire.self_describing import Criterion

DEFAULTS = Path(__file__).parent / "defaults"  # configurations to begin with
NO_ENRICHMENTS = Enrichments(before_event_schema=(cross_navigation.COLUMNS_ONLY,))

type _Build = Callable[[Configuration, Assets], Callable[[Enrichable], None]]


@dataclass(frozen=True, slots=True)
class _Kind:
    identifier: str
    configured_by: Criterion
    build: _Build


def _kind(identifier: str, schema: str, build: _Build) -> _Kind:
    return _Kind(identifier, Criterion.parse(f"iglu:com.snowplowanalytics.snowplow{schema}"), build)


def _without_files(build: Callable[[Configuration], Callable[[Enrichable], None]]) -> _Build:
    return lambda configured, _assets: build(configured)


_CROSS_NAVIGATION = Criterion.parse(
    "iglu:com.snowplowanalytics.snowplow.enrichments/cross_navigation_config/jsonschema/1-0-*"
)
_BEFORE_REFERRER = (
    _kind("iab-spiders-and-robots", ".enrichments/iab_spiders_and_robots_enrichment/jsonschema/1-0-*", iab.build),
    _kind("ua-parser", "/ua_parser_config/jsonschema/1-0-*", ua_parser.build),
)
_BEFORE_CROSS_NAVIGATION = (
    _kind("referer-parser", "/referer_parser/jsonschema/2-0-*", referer_parser.build),
    _kind(
        "campaign-attribution",
        "/campaign_attribution/jsonschema/1-0-*",
        _without_files(campaign_attribution.build),
    ),
)
_AFTER_CROSS_NAVIGATION = (
    _kind("event-fingerprint", "/event_fingerprint_config/jsonschema/1-0-*", _without_files(event_fingerprint.build)),
    _kind("cookie-extractor", "/cookie_extractor_config/jsonschema/1-0-*", _without_files(cookie_extractor.build)),
    _kind(
        "http-header-extractor",
        ".enrichments/http_header_extractor_config/jsonschema/1-0-*",
        _without_files(http_header_extractor.build),
    ),
)
_AFTER_EVENT_SCHEMA = (
    _kind("ip-lookups", "/ip_lookups/jsonschema/2-0-*", ip_lookups.build),
    _kind("asn-lookups", ".enrichments/asn_lookups/jsonschema/1-0-*", asn_lookups.build),
    _kind(
        "bot-detection",
        ".enrichments/bot_detection_enrichment_config/jsonschema/1-0-*",
        _without_files(bot_detection.build),
    ),
    _kind(
        "api-request",
        ".enrichments/api_request_enrichment_config/jsonschema/1-0-*",
        _without_files(api_request.build),
    ),
    _kind("anon-ip", "/anon_ip/jsonschema/1-0-*", _without_files(anon_ip.build)),
    _kind("pii", ".enrichments/pii_enrichment_config/jsonschema/2-0-*", _without_files(pii.build)),
)
_ALL = (*_BEFORE_REFERRER, *_BEFORE_CROSS_NAVIGATION, *_AFTER_CROSS_NAVIGATION, *_AFTER_EVENT_SCHEMA)


def load(directory: Path, assets: Assets) -> Enrichments:
    """Return the enrichments that `directory` switches on, their files read. Raises EnrichmentConfigError."""
    return _load(configuration.files(directory), assets)


def defects(directory: Path, assets: Assets) -> list[str]:
    """Return a line for each configuration that keeps the enrichments from starting."""
    try:
        files = configuration.files(directory)
    except EnrichmentConfigError as error:
        return [str(error)]
    found: list[str] = []
    for some in ([file] for file in files):
        try:
            _load(some, assets)
        except EnrichmentConfigError as error:
            found.append(str(error))
    if not found:  # each can be right, and two configure the same
        try:
            _load(files, assets)
        except EnrichmentConfigError as error:
            found.append(str(error))
    return found


def _load(files: list[Path], assets: Assets) -> Enrichments:
    found = configuration.load(files, [*(kind.configured_by for kind in _ALL), _CROSS_NAVIGATION])
    crossing = found.get(_CROSS_NAVIGATION)
    return Enrichments(
        before_referrer=_build(_BEFORE_REFERRER, found, assets),
        before_event_schema=(
            *_build(_BEFORE_CROSS_NAVIGATION, found, assets),
            cross_navigation.COLUMNS_ONLY if crossing is None else cross_navigation.enabled(str(crossing.schema)),
            *_build(_AFTER_CROSS_NAVIGATION, found, assets),
        ),
        after_event_schema=_build(_AFTER_EVENT_SCHEMA, found, assets),
    )


def _build(kinds: tuple[_Kind, ...], found: dict[Criterion, Configuration], assets: Assets) -> tuple[Enrichment, ...]:
    steps = []
    for kind in kinds:
        if (configured := found.get(kind.configured_by)) is not None:
            try:
                run = kind.build(configured, assets)
            except AssetError as error:
                raise configured.error("parameters", str(error)) from None
            steps.append(Enrichment(run, kind.identifier, str(configured.schema)))
    return tuple(steps)
