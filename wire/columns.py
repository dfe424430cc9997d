"""The 131 columns of an enriched event, in order, with their kind and length limit.

Source: Snowplow's canonical event model as Enrich 6.x writes it: UTF-8, TAB separated, empty for null, no newline.
Limits are Enrich's `atomicFieldsLimits` defaults in UTF-16 code units; longer values fail the event, nothing truncates.
"""

from dataclasses import dataclass
from enum import Enum


class ColumnKind(Enum):
    """How a cell is written; every kind but STRING and JSON has a reader that refuses other text."""

    STRING = "string"
    TIMESTAMP = "timestamp"  # yyyy-MM-dd HH:mm:ss.SSS, UTC
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BYTE = "byte"  # 1 or 0
    JSON = "json"  # a self-describing JSON


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `max_length` is None where Enrich checks no length."""

    name: str
    kind: ColumnKind
    max_length: int | None = None


def _column(text: str) -> Column:
    name, _, spec = text.partition(":")
    return Column(name, ColumnKind.STRING, int(spec)) if spec.isdecimal() else Column(name, ColumnKind(spec))


COLUMNS: tuple[Column, ...] = tuple(
    _column(text)
    for text in """
    app_id:255 platform:255 etl_tstamp:timestamp collector_tstamp:timestamp dvce_created_tstamp:timestamp event:128
    event_id:36 txn_id:integer name_tracker:128 v_tracker:100 v_collector:100 v_etl:100 user_id:255 user_ipaddress:128
    user_fingerprint:128 domain_userid:128 domain_sessionidx:integer network_userid:128 geo_country:2 geo_region:3
    geo_city:75 geo_zipcode:15 geo_latitude:float geo_longitude:float geo_region_name:100 ip_isp:100
    ip_organization:128 ip_domain:128 ip_netspeed:100 page_url:10000 page_title:2000 page_referrer:10000
    page_urlscheme:16 page_urlhost:255 page_urlport:integer page_urlpath:3000 page_urlquery:6000
    page_urlfragment:3000 refr_urlscheme:16 refr_urlhost:255 refr_urlport:integer refr_urlpath:6000
    refr_urlquery:6000 refr_urlfragment:3000 refr_medium:25 refr_source:50 refr_term:255 mkt_medium:255
    mkt_source:255 mkt_term:255 mkt_content:500 mkt_campaign:255 contexts:json se_category:1000 se_action:1000
    se_label:4096 se_property:1000 se_value:decimal unstruct_event:json tr_orderid:255 tr_affiliation:255
    tr_total:decimal tr_tax:decimal tr_shipping:decimal tr_city:255 tr_state:255 tr_country:255 ti_orderid:255
    ti_sku:255 ti_name:255 ti_category:255 ti_price:decimal ti_quantity:integer pp_xoffset_min:integer
    pp_xoffset_max:integer pp_yoffset_min:integer pp_yoffset_max:integer useragent:1000 br_name:50 br_family:50
    br_version:50 br_type:50 br_renderengine:50 br_lang:255 br_features_pdf:byte br_features_flash:byte
    br_features_java:byte br_features_director:byte br_features_quicktime:byte br_features_realplayer:byte
    br_features_windowsmedia:byte br_features_gears:byte br_features_silverlight:byte br_cookies:byte
    br_colordepth:12 br_viewwidth:integer br_viewheight:integer os_name:50 os_family:50 os_manufacturer:50
    os_timezone:255 dvce_type:50 dvce_ismobile:byte dvce_screenwidth:integer dvce_screenheight:integer
    doc_charset:128 doc_width:integer doc_height:integer tr_currency:3 tr_total_base:decimal tr_tax_base:decimal
    tr_shipping_base:decimal ti_currency:3 ti_price_base:decimal base_currency:3 geo_timezone:64 mkt_clickid:1000
    mkt_network:64 etl_tags:500 dvce_sent_tstamp:timestamp refr_domain_userid:128 refr_dvce_tstamp:timestamp
    derived_contexts:json domain_sessionid:128 derived_tstamp:timestamp event_vendor:1000 event_name:1000
    event_format:128 event_version:128 event_fingerprint:128 true_tstamp:timestamp
    """.split()  # noqa: SIM905 - a table that can be read against the contract
)

INDEX: dict[str, int] = {column.name: position for position, column in enumerate(COLUMNS)}
