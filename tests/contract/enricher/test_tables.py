"""The tables of the contract, row by row: each parameter and its columns, each column and its limit.

Wire contract (docs/reference/wire-contract.md): A.2 Parameters, C.9 Columns.
"""

from copy import replace

import pytest
from _pytest.mark import ParameterSet

from tests.fixtures.enricher import atomic_reports, cells, get, good, messages, outputs, post
from wire.columns import COLUMNS, ColumnKind

# key (`-` if a POST body may not hold it, `!` if it must), a value, the cells that it fills; `+`, a space
PARAMETERS = """
e! pv event=page_view|p! web platform=web|tv! t-2 v_tracker=t-2|tna x name_tracker=x|aid x app_id=x
eid 5B2C1C5E-2B3F-4F0E-9A67-0C1F9D6A7D11 event_id=5b2c1c5e-2b3f-4f0e-9a67-0c1f9d6a7d11|evn- x|cv- x v_collector=x
tid 7 txn_id=7|dtm 1000 dvce_created_tstamp=1970-01-01+00:00:01.000|stm 1000 dvce_sent_tstamp=1970-01-01+00:00:01.000
ttm 1000 true_tstamp=1970-01-01+00:00:01.000|tz x os_timezone=x|uid x user_id=x|duid x domain_userid=x
nuid x network_userid=x|tnuid x network_userid=x|vid 7 domain_sessionidx=7
sid 5B2C1C5E-2B3F-4F0E-9A67-0C1F9D6A7D11 domain_sessionid=5b2c1c5e-2b3f-4f0e-9a67-0c1f9d6a7d11|fp x user_fingerprint=x
ip 192.0.2.1 user_ipaddress=192.0.2.1|ua x useragent=x|url http://e.org/ page_url=http://e.org/
refr http://e.org/ page_referrer=http://e.org/|page x page_title=x|lang x br_lang=x|cs x doc_charset=x
cd x br_colordepth=x|cookie 1 br_cookies=1|f_pdf 1 br_features_pdf=1|f_fla 1 br_features_flash=1
f_java 1 br_features_java=1|f_dir 1 br_features_director=1|f_qt 1 br_features_quicktime=1
f_realp 1 br_features_realplayer=1|f_wma 1 br_features_windowsmedia=1|f_gears 1 br_features_gears=1
f_ag 1 br_features_silverlight=1|res 3x4 dvce_screenwidth=3 dvce_screenheight=4|vp 3x4 br_viewwidth=3 br_viewheight=4
ds 3x4 doc_width=3 doc_height=4|se_ca x se_category=x|se_ac x se_action=x|se_la x se_label=x|se_pr x se_property=x
se_va 1.50 se_value=1.50|ev_ca- x se_category=x|ev_ac- x se_action=x|ev_la- x se_label=x|ev_pr- x se_property=x
ev_va- 1.50 se_value=1.50|tr_id x tr_orderid=x|tr_af x tr_affiliation=x|tr_ci x tr_city=x|tr_st x tr_state=x
tr_co x tr_country=x|tr_tt 1.50 tr_total=1.50|tr_tx 1.50 tr_tax=1.50|tr_sh 1.50 tr_shipping=1.50
tr_cu EUR tr_currency=EUR
ti_id x ti_orderid=x|ti_sk x ti_sku=x|ti_nm x ti_name=x|ti_na x ti_name=x|ti_ca x ti_category=x|ti_pr 1.50 ti_price=1.50
ti_qu 7 ti_quantity=7|ti_cu EUR ti_currency=EUR|pp_mix 7 pp_xoffset_min=7|pp_max 7 pp_xoffset_max=7
pp_miy 7 pp_yoffset_min=7|pp_may 7 pp_yoffset_max=7|ad_ba x|ad_ca x|ad_ad x|ad_uid x|mac x|sa x|sn x|st x|sp x|ue_na x
ctype x|u- x|schema- x
"""
# name, type, limit
COLUMN_TABLE = """
    app_id:str:255 platform:str:255 etl_tstamp:ts:- collector_tstamp:ts:- dvce_created_tstamp:ts:- event:str:128
    event_id:str:36 txn_id:int:- name_tracker:str:128 v_tracker:str:100 v_collector:str:100 v_etl:str:100
    user_id:str:255 user_ipaddress:str:128 user_fingerprint:str:128 domain_userid:str:128 domain_sessionidx:int:-
    network_userid:str:128 geo_country:str:2 geo_region:str:3 geo_city:str:75 geo_zipcode:str:15
    geo_latitude:float:- geo_longitude:float:- geo_region_name:str:100 ip_isp:str:100 ip_organization:str:128
    ip_domain:str:128 ip_netspeed:str:100 page_url:str:10000 page_title:str:2000 page_referrer:str:10000
    page_urlscheme:str:16 page_urlhost:str:255 page_urlport:int:- page_urlpath:str:3000 page_urlquery:str:6000
    page_urlfragment:str:3000 refr_urlscheme:str:16 refr_urlhost:str:255 refr_urlport:int:- refr_urlpath:str:6000
    refr_urlquery:str:6000 refr_urlfragment:str:3000 refr_medium:str:25 refr_source:str:50 refr_term:str:255
    mkt_medium:str:255 mkt_source:str:255 mkt_term:str:255 mkt_content:str:500 mkt_campaign:str:255 contexts:json:-
    se_category:str:1000 se_action:str:1000 se_label:str:4096 se_property:str:1000 se_value:dec:-
    unstruct_event:json:- tr_orderid:str:255 tr_affiliation:str:255 tr_total:dec:- tr_tax:dec:- tr_shipping:dec:-
    tr_city:str:255 tr_state:str:255 tr_country:str:255 ti_orderid:str:255 ti_sku:str:255 ti_name:str:255
    ti_category:str:255 ti_price:dec:- ti_quantity:int:- pp_xoffset_min:int:- pp_xoffset_max:int:-
    pp_yoffset_min:int:- pp_yoffset_max:int:- useragent:str:1000 br_name:str:50 br_family:str:50 br_version:str:50
    br_type:str:50 br_renderengine:str:50 br_lang:str:255 br_features_pdf:byte:- br_features_flash:byte:-
    br_features_java:byte:- br_features_director:byte:- br_features_quicktime:byte:- br_features_realplayer:byte:-
    br_features_windowsmedia:byte:- br_features_gears:byte:- br_features_silverlight:byte:- br_cookies:byte:-
    br_colordepth:str:12 br_viewwidth:int:- br_viewheight:int:- os_name:str:50 os_family:str:50
    os_manufacturer:str:50 os_timezone:str:255 dvce_type:str:50 dvce_ismobile:byte:- dvce_screenwidth:int:-
    dvce_screenheight:int:- doc_charset:str:128 doc_width:int:- doc_height:int:- tr_currency:str:3
    tr_total_base:dec:- tr_tax_base:dec:- tr_shipping_base:dec:- ti_currency:str:3 ti_price_base:dec:-
    base_currency:str:3 geo_timezone:str:64 mkt_clickid:str:1000 mkt_network:str:64 etl_tags:str:500
    dvce_sent_tstamp:ts:- refr_domain_userid:str:128 refr_dvce_tstamp:ts:- derived_contexts:json:-
    domain_sessionid:str:128 derived_tstamp:ts:- event_vendor:str:1000 event_name:str:1000 event_format:str:128
    event_version:str:128 event_fingerprint:str:128 true_tstamp:ts:-
"""
KINDS = {
    "str": ColumnKind.STRING,
    "ts": ColumnKind.TIMESTAMP,
    "int": ColumnKind.INTEGER,
    "dec": ColumnKind.DECIMAL,
    "float": ColumnKind.FLOAT,
    "byte": ColumnKind.BYTE,
    "json": ColumnKind.JSON,
}


def _parameters() -> list[ParameterSet]:
    rows = []
    for row in "|".join(PARAMETERS.split("\n")).strip("|").split("|"):
        key, value, *filled = row.split()
        name = key.rstrip("-!")
        expected = {cell.partition("=")[0]: cell.partition("=")[2].replace("+", " ") for cell in filled}
        mark = pytest.mark.contract(f"A.2/{name}")
        rows.append(pytest.param(name, value, expected, key.removeprefix(name), id=name, marks=mark))
    return rows


@pytest.mark.parametrize(("key", "value", "expected", "body"), _parameters())
def test_a_parameter_fills_its_columns(key: str, value: str, expected: dict[str, str], body: str) -> None:
    def own(event: dict[str, str]) -> dict[str, str]:
        return {column: event[column] for column in expected}

    (event,) = good(get(**{key: value}))
    assert own(event) == expected
    payload = post({key: value})
    if body == "-":
        (message,) = messages(payload, "tracker_protocol_violations/1-0-1")
        assert message["error"]["dataReports"][0]["keyword"] == "additionalProperties"
        return
    assert own(good(payload)[0]) == expected
    if body == "!":
        assert payload.body is not None
        without = replace(payload, body=payload.body.replace(f'"{key}"', '"tna"'))
        (message,) = messages(without, "tracker_protocol_violations/1-0-1")
        assert message["error"]["dataReports"][0]["targets"] == [key]


@pytest.mark.parametrize("key", [row.split()[0] for row in ("evn", "u", "schema", "mac", "ctype")])
def test_a_parameter_that_is_not_mapped_changes_no_cell(key: str) -> None:
    def line(**more: str) -> dict[str, str]:
        (event,) = good(get(eid="5b2c1c5e-2b3f-4f0e-9a67-0c1f9d6a7d11", **more))
        return event

    assert line(**{key: "x"}) == line()


def _columns() -> list[ParameterSet]:
    rows = []
    for position, row in enumerate(COLUMN_TABLE.split()):
        name, kind, limit = row.split(":")
        most = None if limit == "-" else int(limit)
        mark = pytest.mark.contract(f"C.9/{name}")
        rows.append(pytest.param(position, name, KINDS[kind], most, id=name, marks=mark))
    return rows


@pytest.mark.parametrize(("position", "name", "kind", "limit"), _columns())
def test_a_column_stands_at_its_place_with_its_limit(
    position: int, name: str, kind: ColumnKind, limit: int | None
) -> None:
    column = COLUMNS[position]
    assert (column.name, column.kind, column.max_length) == (name, kind, limit)
    (line,) = outputs(get()).good
    assert list(cells(line))[position] == name


# The parameter that fills a column with any text; the other columns' limits are checked without a request.
TEXTS = {
    key.rstrip("-!"): columns[0].partition("=")[0]
    for row in "|".join(PARAMETERS.split("\n")).strip("|").split("|")
    for key, value, *columns in [row.split()]
    if value == "x" and columns
}
LIMITS = {name: int(limit) for name, _, limit in (row.split(":") for row in COLUMN_TABLE.split()) if limit != "-"}


@pytest.mark.contract("C.9/limits")
@pytest.mark.parametrize("key", sorted(TEXTS))
def test_text_at_its_limit_passes_and_one_unit_more_fails_the_event(key: str) -> None:
    column, limit = TEXTS[key], LIMITS[TEXTS[key]]
    assert good(get(**{key: "x" * limit}))[0][column] == "x" * limit
    assert good(get(**{key: "\N{GRINNING FACE}" * (limit // 2)}))[0][column]
    for text in ("x" * (limit + 1), "\N{GRINNING FACE}" * (limit // 2 + 1)):
        (message,) = messages(get(**{key: text}), "schema_violations/2-0-1")
        (report,) = message["error"]["dataReports"]
        assert report == {
            "message": f"Field is longer than maximum allowed size {limit}",
            "path": column,
            "keyword": "atomic_field_length_exceeded",
            "targets": [],
        }


def test_a_fault_is_reported_with_the_key_of_the_parameter() -> None:
    for key in ("tid", "vid", "ti_qu", "pp_mix", "tr_tt", "se_va", "ev_va", "dtm", "sid", "f_pdf", "ds"):
        assert [report["path"] for report in atomic_reports(get(**{key: "x"}))] == [key]
