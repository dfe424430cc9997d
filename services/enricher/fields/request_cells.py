"""What the events of one request share: the cells that the request fills before an event's parameters do."""

from msgspec import Struct

from services.enricher import V_ETL
from services.enricher.fields import parameters, tsv
from services.enricher.text import ip_address
from services.enricher.text.timestamps import TimestampError, format_timestamp
from wire import utf8
from wire.collector_payload import CollectorPayload
from wire.columns import INDEX
from wire.querystring import Decode

_V_COLLECTOR, _V_ETL, _ETL_TSTAMP, _COLLECTOR_TSTAMP = (
    INDEX[column] for column in ("v_collector", "v_etl", "etl_tstamp", "collector_tstamp")
)
_NETWORK_USER_ID, _IP_ADDRESS, _USER_AGENT = (
    INDEX[column] for column in ("network_userid", "user_ipaddress", "useragent")
)


class RequestCells(Struct):
    """A request and its part of each event's cells.

    `wrong` is the message of a column that could not be filled, `decode` makes text of a querystring's bytes.
    """

    payload: CollectorPayload
    cells: list[str]
    wrong: dict[str, str]
    decode: Decode


def fill_request_cells(
    payload: CollectorPayload, network_user_id: str, etl_tstamp: str, decode: Decode = utf8.decode
) -> RequestCells:
    """Fill what the request says; `network_user_id` is the payload's, in canonical form, `decode` its encoding's."""
    user_agent = payload.user_agent or ""
    cells = tsv.empty_event()
    cells[_V_COLLECTOR], cells[_V_ETL], cells[_ETL_TSTAMP] = payload.collector, V_ETL, etl_tstamp
    cells[_NETWORK_USER_ID] = network_user_id
    cells[_IP_ADDRESS] = parameters.ip_address(ip_address.select(payload.headers, payload.ip_address))
    cells[_USER_AGENT] = user_agent.replace("\r", "").replace("\n", "").replace("\t", "    ")
    wrong: dict[str, str] = {}
    try:
        cells[_COLLECTOR_TSTAMP] = format_timestamp(payload.timestamp)
    except TimestampError as error:
        wrong["collector_tstamp"] = str(error)
    return RequestCells(payload, cells, wrong, decode)
