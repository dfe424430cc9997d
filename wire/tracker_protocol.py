"""The tracker protocol's parameters: what each means and which enriched column it fills.

Source: Snowplow tracker protocol v2 as Enrich 6.x maps it and as `payload_data` 1-0-4 allows it in POST bodies.
"""

from dataclasses import dataclass
from enum import Enum


class ParameterFunction(Enum):
    """How the text of a parameter becomes the text of a cell (rules and error texts: the enricher's `parameters`)."""

    TSV_SAFE = "tsvSafe"
    IP = "ip"
    EVENT_TYPE = "eventType"
    PLATFORM = "platform"
    INTEGER = "int"
    DECIMAL = "decimal"
    TIMESTAMP = "ts"
    UUID = "uuid"
    BOOLEAN = "bool"
    DIMENSIONS = "dims"  # WIDTHxHEIGHT, two columns
    RAW = "raw"
    BASE64 = "b64"
    IGNORED = "-"  # accepted in bodies, mapped to nothing


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its key on the wire, its function, the columns it fills, and whether a POST body may carry it."""

    key: str
    function: ParameterFunction
    columns: tuple[str, ...]
    in_body: bool


_TABLE = """
e eventType event|p platform platform|tv tsvSafe v_tracker|tna tsvSafe name_tracker|aid tsvSafe app_id|eid uuid event_id
cv! tsvSafe v_collector|tid int txn_id|dtm ts dvce_created_tstamp|stm ts dvce_sent_tstamp|ttm ts true_tstamp
tz tsvSafe os_timezone|uid tsvSafe user_id|duid tsvSafe domain_userid|nuid tsvSafe network_userid
tnuid tsvSafe network_userid|vid int domain_sessionidx|sid uuid domain_sessionid|fp tsvSafe user_fingerprint
ip ip user_ipaddress|ua tsvSafe useragent|url tsvSafe page_url|refr tsvSafe page_referrer|page tsvSafe page_title
lang tsvSafe br_lang|cs tsvSafe doc_charset|cd tsvSafe br_colordepth|cookie bool br_cookies|f_pdf bool br_features_pdf
f_fla bool br_features_flash|f_java bool br_features_java|f_dir bool br_features_director
f_qt bool br_features_quicktime|f_realp bool br_features_realplayer|f_wma bool br_features_windowsmedia
f_gears bool br_features_gears|f_ag bool br_features_silverlight|res dims dvce_screenwidth dvce_screenheight
vp dims br_viewwidth br_viewheight|ds dims doc_width doc_height|co raw contexts|cx b64 contexts
ue_pr raw unstruct_event|ue_px b64 unstruct_event|se_ca tsvSafe se_category|se_ac tsvSafe se_action
se_la tsvSafe se_label|se_pr tsvSafe se_property|se_va decimal se_value|ev_ca! tsvSafe se_category
ev_ac! tsvSafe se_action|ev_la! tsvSafe se_label|ev_pr! tsvSafe se_property|ev_va! decimal se_value
tr_id tsvSafe tr_orderid|tr_af tsvSafe tr_affiliation|tr_ci tsvSafe tr_city|tr_st tsvSafe tr_state
tr_co tsvSafe tr_country|tr_tt decimal tr_total|tr_tx decimal tr_tax|tr_sh decimal tr_shipping
tr_cu tsvSafe tr_currency|ti_id tsvSafe ti_orderid|ti_sk tsvSafe ti_sku|ti_nm tsvSafe ti_name|ti_na tsvSafe ti_name
ti_ca tsvSafe ti_category|ti_pr decimal ti_price|ti_qu int ti_quantity|ti_cu tsvSafe ti_currency
pp_mix int pp_xoffset_min|pp_max int pp_xoffset_max|pp_miy int pp_yoffset_min|pp_may int pp_yoffset_max
ad_ba -|ad_ca -|ad_ad -|ad_uid -|mac -|sa -|sn -|st -|sp -|ue_na -|ctype -
"""


def _parameter(row: str) -> Parameter:
    key, function, *columns = row.split()
    return Parameter(key.rstrip("!"), ParameterFunction(function), tuple(columns), in_body=not key.endswith("!"))


PARAMETERS: dict[str, Parameter] = {
    parameter.key: parameter for line in _TABLE.split("\n") if line for parameter in map(_parameter, line.split("|"))
}

EVENT_TYPES: dict[str, str] = {
    "pv": "page_view",
    "pp": "page_ping",
    "se": "struct",
    "ev": "struct",
    "ue": "unstruct",
    "tr": "transaction",
    "ti": "transaction_item",
    "ad": "ad_impression",
}

PLATFORMS = frozenset({"web", "iot", "app", "mob", "pc", "cnsl", "tv", "srv", "headset"})

TP2_CONTENT_TYPES = frozenset(
    {"application/json", "application/json; charset=utf-8", "application/json; charset=UTF-8"}
)
