"""asn_lookups: whether the sender's network belongs to a hoster, as a mark on the ASN context of ip_lookups."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from services.enricher.enrichments.assets import Assets
from services.enricher.enrichments.configuration import Configuration
from services.enricher.enrichments.enrichable import Enrichable
from services.enricher.enrichments.ip_lookups import ASN
from wire.self_describing import SelfDescribing


class _File(msgspec.Struct):
    uri: str
    database: str


class _Network(msgspec.Struct):
    asn: int
    name: str | None = None


class _Parameters(msgspec.Struct, rename="camel"):
    bot_asns_file: _File | None = None
    bot_asns: list[_Network] = []
    bypass_platforms: list[str] = []


def build(configuration: Configuration, assets: Assets) -> Callable[[Enrichable], None]:
    """Return the enrichment: `likelyBot` in the ASN context; it never fails. Raises AssetError."""
    parameters = configuration.read(_Parameters)
    own = {network.asn for network in parameters.bot_asns}
    source = parameters.bot_asns_file
    file = None if source is None else assets.use(source.uri, source.database, read)
    bypassed = frozenset(parameters.bypass_platforms)

    def run(event: Enrichable) -> None:
        if event["platform"] in bypassed:
            return
        for position, context in enumerate(event.derived):
            if context.schema == ASN and isinstance(context.data, dict):
                number = context.data["number"]
                likely = number in own or (file is not None and number in file.value)
                event.derived[position] = SelfDescribing(ASN, {**context.data, "likelyBot": likely})

    return run


def read(file: Path) -> frozenset[int]:
    """Read a CSV with a header line and the number in its first column. Raises ValueError."""
    lines = file.read_text().splitlines()[1:]
    try:
        return frozenset(int(line.partition(",")[0].strip().strip('"')) for line in lines if line.strip())
    except ValueError:
        raise ValueError("Failed to parse CSV file with ASNs: a line's first column is not a number") from None
