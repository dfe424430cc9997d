"""ip_lookups: place, provider and kind of network of the sender's address, from MaxMind's databases.

None comes with the program: without a configuration no database is read. The fields are those that Enrich takes of
GeoIP2 (and GeoLite2) City, ISP, Domain, Connection-Type and ASN.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from pathlib import Path
from typing import Annotated

import maxminddb
import msgspec

from services.enricher.enrichments.assets import Asset, Assets
from services.enricher.enrichments.configuration import Configuration
from services.enricher.enrichments.enrichable import Enrichable
from services.enricher.enrichments.java_float import java_float
from services.enricher.fields.parameters import tsv_safe
from wire.self_describing import SchemaKey, SelfDescribing

ASN = SchemaKey.parse("iglu:com.snowplowanalytics.snowplow/asn/jsonschema/1-0-1")
_ADDRESS = re.compile(r"\[([0-9a-fA-F:.]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+)(?::\d+)?|([0-9a-fA-F:.]+)")
_CACHE_SIZE = 20_000
_PROBES = 512
_BITS = {4: 32, 6: 128}


type _Reader = maxminddb.Reader | None
type _Found = tuple[dict[str, str], SelfDescribing | None]
type _Degrees = Annotated[float, msgspec.Meta(ge=-180, le=180)]


class _Database(msgspec.Struct):
    uri: str
    database: str


class _Parameters(msgspec.Struct, rename="camel"):
    geo: _Database | None = None
    isp: _Database | None = None
    domain: _Database | None = None
    connection_type: _Database | None = None
    asn: _Database | None = None


class _Subdivision(msgspec.Struct):
    iso_code: str = ""
    names: dict[str, str] = {}


class _Place(msgspec.Struct):
    time_zone: str = ""
    latitude: _Degrees | None = None
    longitude: _Degrees | None = None


class _Postal(msgspec.Struct):
    code: str = ""


class _City(msgspec.Struct):
    """A record of the City databases."""

    country: _Subdivision = msgspec.field(default_factory=_Subdivision)
    city: _Subdivision = msgspec.field(default_factory=_Subdivision)
    subdivisions: list[_Subdivision] = []
    postal: _Postal = msgspec.field(default_factory=_Postal)
    location: _Place = msgspec.field(default_factory=_Place)


class _Other(msgspec.Struct):
    """A record of any other database."""

    isp: str = ""
    organization: str = ""
    domain: str = ""
    connection_type: str = ""
    autonomous_system_number: Annotated[int, msgspec.Meta(ge=0, lt=2**31)] | None = None
    autonomous_system_organization: str | None = None


def build(configuration: Configuration, assets: Assets) -> Callable[[Enrichable], None]:
    """Return the enrichment: columns geo_* and ip_*, and the ASN context. Raises AssetError."""
    parameters = configuration.read(_Parameters)
    databases = [
        None if database is None else assets.use(database.uri, database.database, open_database)
        for database in (parameters.geo, parameters.isp, parameters.domain, parameters.connection_type, parameters.asn)
    ]

    def run(event: Enrichable) -> None:
        columns, asn = _look_up(event["user_ipaddress"], *map(_current, databases))
        for column, text in columns.items():
            event[column] = text
        if asn is not None:
            event.derive(asn)

    return run


def open_database(file: Path) -> maxminddb.Reader:
    """Open a MaxMind database and read records from all over it. Raises ValueError when one cannot be read."""
    try:
        reader = maxminddb.open_database(file, maxminddb.MODE_MMAP_EXT)
        bits = _BITS[reader.metadata().ip_version]
        for probe in range(_PROBES):
            reader.get(_address(probe * (1 << bits) // _PROBES, bits))
    except maxminddb.InvalidDatabaseError as defect:
        raise ValueError(str(defect)) from None
    return reader


def _address(number: int, bits: int) -> IPv4Address | IPv6Address:
    return IPv6Address(number) if bits == _BITS[6] else IPv4Address(number)


def _current(asset: Asset[maxminddb.Reader] | None) -> maxminddb.Reader | None:
    return None if asset is None else asset.value


# The readers are part of the key: a refreshed database starts anew.
@lru_cache(_CACHE_SIZE)
def _look_up(
    address: str, geo: _Reader, isp: _Reader, domain: _Reader, connection_type: _Reader, asn: _Reader
) -> _Found:
    match = _ADDRESS.fullmatch(address)
    if match is None:
        return {}, None
    bare = _unmapped(match[1] or match[2] or match[3])
    columns = _place(_record(geo, bare, _City))
    of_isp = _record(isp, bare, _Other)
    columns |= {
        "ip_isp": of_isp.isp,
        "ip_organization": of_isp.organization,
        "ip_domain": _record(domain, bare, _Other).domain,
        "ip_netspeed": _record(connection_type, bare, _Other).connection_type,
    }
    return {column: tsv_safe(text) for column, text in columns.items() if text}, _asn(_record(asn, bare, _Other))


def _unmapped(address: str) -> str:
    """Return an IPv4 address that is written as an IPv6 one in its own form, as Java reads it."""
    if "." in address and ":" in address:
        try:
            return str(IPv6Address(address).ipv4_mapped or address)
        except AddressValueError:
            return address
    return address


def _record[Kind: msgspec.Struct](reader: _Reader, address: str, kind: type[Kind]) -> Kind:
    """Return what a database says; nothing for an address that it does not know or that is none."""
    if reader is None:
        return kind()
    try:
        return msgspec.convert(reader.get(address) or {}, kind)
    except (ValueError, maxminddb.InvalidDatabaseError):  # Enrich leaves the fields empty as well
        return kind()


def _place(record: _City) -> dict[str, str]:
    region = record.subdivisions[-1] if record.subdivisions else _Subdivision()
    return {
        "geo_country": record.country.iso_code,
        "geo_region": region.iso_code,
        "geo_city": record.city.names.get("en", ""),
        "geo_zipcode": record.postal.code,
        "geo_latitude": _coordinate(record.location.latitude),
        "geo_longitude": _coordinate(record.location.longitude),
        "geo_region_name": region.names.get("en", ""),
        "geo_timezone": record.location.time_zone,
    }


def _coordinate(degrees: float | None) -> str:
    return "" if degrees is None else java_float(degrees)


def _asn(record: _Other) -> SelfDescribing | None:
    if record.autonomous_system_number is None:
        return None
    data: dict[str, object] = {"number": record.autonomous_system_number}
    if record.autonomous_system_organization is not None:
        data["organization"] = record.autonomous_system_organization
    return SelfDescribing(ASN, data)
