"""IAB spiders and robots: what the lists of the Interactive Advertising Bureau say of a user agent and an address.

The lists are sold by the IAB: none comes with the program. User agents are compared in lower case.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

import msgspec

from services.enricher.enrichments.assets import Assets
from services.enricher.enrichments.configuration import Configuration
from services.enricher.enrichments.enrichable import Enrichable
from wire.self_describing import SchemaKey, SelfDescribing

SCHEMA = SchemaKey.parse("iglu:com.iab.snowplow/spiders_and_robots/jsonschema/1-0-0")
_IMPACTS = {"0": "PAGE_IMPRESSIONS", "1": "AD_IMPRESSIONS", "2": "PAGE_AND_AD_IMPRESSIONS"}
_CACHE_SIZE, _LONGEST_CACHED = 5_000, 1_000
_DAY = len("yyyy-MM-dd")


class _File(msgspec.Struct):
    uri: str
    database: str


class _Parameters(msgspec.Struct, rename="camel"):
    ip_file: _File
    exclude_useragent_file: _File
    include_useragent_file: _File
    exclude_useragents: list[str] = []
    include_useragents: list[str] = []


@dataclass(frozen=True, slots=True)
class Row:
    """One pattern of a list; `inactive_from` is a day yyyy-MM-dd, empty for none, `impact` is of excluded ones only."""

    pattern: str
    active: bool
    at_start: bool
    inactive_from: str
    exceptions: tuple[str, ...] = ()
    impact: str = ""

    def describes(self, user_agent: str) -> bool:
        """Return whether a user agent in lower case fulfils the pattern and none of its exceptions."""
        found = user_agent.startswith(self.pattern) if self.at_start else self.pattern in user_agent
        return found and not any(exception in user_agent for exception in self.exceptions)


type _Networks = dict[tuple[int, int], set[int]]  # by version and prefix length: the networks' addresses


def build(configuration: Configuration, assets: Assets) -> Callable[[Enrichable], None]:
    """Return the enrichment: one context for each event with a user agent or an address. Raises AssetError."""
    parameters = configuration.read(_Parameters)
    addresses = assets.use(parameters.ip_file.uri, parameters.ip_file.database, read_networks)
    excluded = assets.use(
        parameters.exclude_useragent_file.uri, parameters.exclude_useragent_file.database, read_excluded
    )
    included = assets.use(
        parameters.include_useragent_file.uri, parameters.include_useragent_file.database, read_included
    )
    own_excluded = tuple(pattern.lower() for pattern in parameters.exclude_useragents)
    own_included = tuple(pattern.lower() for pattern in parameters.include_useragents)

    def run(event: Enrichable) -> None:
        user_agent, address = event["useragent"].lower(), _address(event["user_ipaddress"])
        day = event["derived_tstamp"][:_DAY]
        if not day or (not user_agent and address is None):
            return
        if any(pattern in user_agent for pattern in own_included):
            verdict = _BROWSER
        elif any(pattern in user_agent for pattern in own_excluded):
            verdict = _robot("FAILED_UA_EXCLUDE")
        elif address is not None and _is_in(addresses.value, address):
            verdict = _robot("FAILED_IP_EXCLUDE")
        elif not user_agent:
            verdict = _BROWSER
        elif len(user_agent) <= _LONGEST_CACHED:
            verdict = _cached_judgement(user_agent, day, included.value, excluded.value)
        else:
            verdict = _judge(user_agent, day, included.value, excluded.value)
        event.derive(verdict)

    return run


def read_networks(file: Path) -> _Networks:
    """Read a list of addresses and networks, one a line. Raises ValueError."""
    networks: _Networks = {}
    for line in file.read_text("iso-8859-1").splitlines():
        if text := line.partition("#")[0].strip():
            network = ip_network(text, strict=False)
            networks.setdefault((network.version, network.prefixlen), set()).add(int(network.network_address))
    return networks


def read_included(file: Path) -> tuple[Row, ...]:
    """Read the list of browsers: pattern, active, start of string, inactive date. Raises ValueError."""
    return tuple(
        Row(pattern.lower(), active == "1", at_start == "1", _day(inactive))
        for pattern, active, at_start, inactive in _columns(file, 4)
    )


def read_excluded(file: Path) -> tuple[Row, ...]:
    """Read the list of robots: pattern, active, exceptions, unused, impact, start of string, inactive date."""
    return tuple(
        Row(pattern.lower(), active == "1", at_start == "1", _day(inactive), _patterns(exceptions), _impact(impact))
        for pattern, active, exceptions, _, impact, at_start, inactive in _columns(file, 7)
        if active == "1" or inactive
    )


def _columns(file: Path, number: int) -> Iterator[list[str]]:
    for line in file.read_text("iso-8859-1").splitlines():
        if line.strip() and not line.startswith("#"):
            cells = [cell.strip() for cell in line.split("|")]
            yield (cells + [""] * number)[:number]


def _patterns(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (pattern.strip() for pattern in text.lower().split(","))))


def _impact(flag: str) -> str:
    if flag not in _IMPACTS:
        raise ValueError("an impact flag is none of 0, 1, 2")
    return _IMPACTS[flag]


def _day(text: str) -> str:
    return datetime.strptime(text, "%m/%d/%Y").date().isoformat() if text else ""  # noqa: DTZ007 - a day


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_in(networks: _Networks, address: IPv4Address | IPv6Address) -> bool:
    number, bits = int(address), address.max_prefixlen
    return any(
        version == address.version and number >> (bits - length) << (bits - length) in of_length
        for (version, length), of_length in networks.items()
    )


def _judge(user_agent: str, day: str, included: Iterable[Row], excluded: Iterable[Row]) -> SelfDescribing:
    if not any((row.active or day < row.inactive_from) and row.describes(user_agent) for row in included):
        return _robot("FAILED_UA_INCLUDE")
    row = next((row for row in excluded if row.describes(user_agent)), None)
    if row is None:
        return _BROWSER
    still = not row.inactive_from or day < row.inactive_from
    return _robot("FAILED_UA_EXCLUDE", "ACTIVE_SPIDER_OR_ROBOT" if still else "INACTIVE_SPIDER_OR_ROBOT", row.impact)


_cached_judgement = lru_cache(_CACHE_SIZE)(_judge)


def _robot(reason: str, category: str = "SPIDER_OR_ROBOT", impact: str = "UNKNOWN") -> SelfDescribing:
    return _verdict(spider=True, category=category, reason=reason, impact=impact)


def _verdict(*, spider: bool, category: str, reason: str, impact: str) -> SelfDescribing:
    data = {"spiderOrRobot": spider, "category": category, "reason": reason, "primaryImpact": impact}
    return SelfDescribing(SCHEMA, data)


_BROWSER = _verdict(spider=False, category="BROWSER", reason="PASSED_ALL", impact="NONE")
