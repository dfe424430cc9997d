"""ua_parser: families and versions of browser, system and device, as the rules of uap-core find them."""

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path

import msgspec
import yaml
from ua_parser.core import Domain, Matchers
from ua_parser.loaders import load_lazy_builtins, load_yaml
from ua_parser.regex import Resolver

from services.enricher.enrichments.assets import Assets
from services.enricher.enrichments.configuration import Configuration
from services.enricher.enrichments.enrichable import Enrichable, SharedContext
from wire.columns import INDEX
from wire.self_describing import SchemaKey

_SCHEMA = SchemaKey.parse("iglu:com.snowplowanalytics.snowplow/ua_parser_context/jsonschema/1-0-0")
_USER_AGENT = INDEX["useragent"]
_CACHE_SIZE = 5_000
# Bounds the cache's memory; a longer one fails the event, the column holds no more.
_LONGEST_CACHED = 1_000

type _Parse = Callable[[str], SharedContext]


class _Parameters(msgspec.Struct):
    uri: str | None = None
    database: str | None = None


def build(configuration: Configuration, assets: Assets) -> Callable[[Enrichable], None]:
    """Return the enrichment. Raises AssetError, EnrichmentConfigError."""
    parameters = configuration.read(_Parameters)
    if parameters.uri is None or parameters.database is None:
        if parameters.uri != parameters.database:
            raise configuration.error("parameters", "uri and database are given both or none")
        return partial(_derive, _Parser(load_lazy_builtins()))
    rules = assets.use(parameters.uri, parameters.database, _read_rules)
    return lambda event: _derive(rules.value, event)


class _Parser:
    """Rules, and what they said of the last user agents; these are personal data and never leave this memory."""

    def __init__(self, rules: Matchers) -> None:
        self._resolver = Resolver(rules)
        self._cached = lru_cache(_CACHE_SIZE)(self._parse)

    def __call__(self, user_agent: str) -> SharedContext:
        return self._cached(user_agent) if len(user_agent) <= _LONGEST_CACHED else self._parse(user_agent)

    def _parse(self, user_agent: str) -> SharedContext:
        found = self._resolver(user_agent, Domain.ALL).complete().with_defaults()
        browser, system, device = found.user_agent, found.os, found.device
        data: dict[str, object] = {
            "useragentFamily": browser.family,
            "useragentMajor": browser.major,
            "useragentMinor": browser.minor,
            "useragentPatch": browser.patch,
            "useragentVersion": _version(browser.family, browser.major, browser.minor, browser.patch),
            "osFamily": system.family,
            "osMajor": system.major,
            "osMinor": system.minor,
            "osPatch": system.patch,
            "osPatchMinor": system.patch_minor,
            "osVersion": _version(system.family, system.major, system.minor, system.patch, system.patch_minor),
            "deviceFamily": device.family,
        }
        return SharedContext(_SCHEMA, data)


def _derive(parse: _Parse, event: Enrichable) -> None:
    if user_agent := event.cells[_USER_AGENT]:
        event.derive(parse(user_agent))


def _version(family: str, *numbers: str | None) -> str:
    return f"{family} {'.'.join(number for number in numbers if number is not None)}".rstrip()


def _read_rules(file: Path) -> _Parser:
    """Read a regexes.yaml of uap-core. Raises ValueError."""
    try:
        return _Parser(load_yaml(file))  # type: ignore[misc]  # None only without PyYAML
    except (yaml.YAMLError, KeyError, TypeError) as defect:
        raise ValueError(f"no regexes.yaml of uap-core: {type(defect).__name__}") from None
