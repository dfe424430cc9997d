"""ip_lookups: place, provider and kind of network of the sender's address, from MaxMind's databases.

None comes with the program: without a configuration no database is read. The fields are those that Enrich takes of
GeoIP2 (and GeoLite2) City, ISP, Domain, Connection-Type and ASN.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Annotated

import maxminddb
import msgspec

from services.enricher.enrichments.assets import Asset, Assets
from services.enricher.enrichments.configuration import Configuration
from services.enricher.enrichments.enrichable import Enrichable, simple
from services.enricher.enrichments.java_float import java_float
from wire import ip_notations
from wire.ip_notations import Address
from wire.querystring import tsv_safe
from wire.self_describing import SchemaKey, SelfDescribing

ASN = SchemaKey.parse("iglu:com.snowplowanalytics.snowplow/asn/jsonschema/1-0-1")
# Enrich ends with an exception at these.
_ALL_ADDRESSES = re.compile(r"\*+(?:/[0-9]+)?|/[0-9]+|\[\*+\](?::[0-9]+)?")
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
        address = event["user_ipaddress"]
        if _ALL_ADDRESSES.fullmatch(address.strip()):
            raise simple("user_ipaddress stands for all addresses")
        columns, asn = _look_up(address, *map(_current, databases))
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
    read = ip_notations.read(address)
    if read is None:
        return {}, None
    columns = _place(_record(geo, read, _City))
    of_isp, of_domain = _record(isp, read, _Other), _record(domain, read, _Other)
    of_connection = _record(connection_type, read, _Other)
    if of_isp is not None:
        columns |= {"ip_isp": of_isp.isp, "ip_organization": of_isp.organization}
    if of_domain is not None:
        columns["ip_domain"] = of_domain.domain
    if of_connection is not None:
        columns["ip_netspeed"] = of_connection.connection_type
    # The ISP database has the number too, and does where no other is configured.
    context = _asn(_record(asn, read, _Other)) or _asn(of_isp)
    return {column: tsv_safe(text) for column, text in columns.items() if text}, context


def _record[Kind: msgspec.Struct](reader: _Reader, address: Address, kind: type[Kind]) -> Kind | None:
    """Return what a database says; None for an address that it does not know, or that its kind of tree cannot hold."""
    try:
        record = None if reader is None else reader.get(address)
        return None if record is None else msgspec.convert(record, kind)
    except (ValueError, maxminddb.InvalidDatabaseError):  # Enrich leaves the fields empty as well
        return None


def _place(record: _City | None) -> dict[str, str]:
    if record is None:
        return {}
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
    return java_float(degrees or 0.0)  # Enrich writes 0.0 for a place without coordinates


def _asn(record: _Other | None) -> SelfDescribing | None:
    if record is None or record.autonomous_system_number is None:
        return None
    data: dict[str, object] = {"number": record.autonomous_system_number}
    if record.autonomous_system_organization is not None:
        data["organization"] = record.autonomous_system_organization
    return SelfDescribing(ASN, data)
