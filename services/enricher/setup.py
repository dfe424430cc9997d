"""What the events of one request share: the cells that the request fills before an event's parameters do."""

from dataclasses import dataclass

from services.enricher import V_ETL, ip_address, parameters, tsv
from services.enricher.timestamps import TimestampError, format_timestamp
from wire.collector_payload import CollectorPayload
from wire.columns import INDEX


@dataclass(slots=True)
class Setup:
    """A request and its part of each event's cells; `wrong` is the message of a column that could not be filled."""

    payload: CollectorPayload
    cells: list[str]
    wrong: dict[str, str]


def set_up(payload: CollectorPayload, network_user_id: str, etl_tstamp: str) -> Setup:
    """Fill what the request says; `network_user_id` is the payload's, in canonical form."""
    user_agent = payload.user_agent or ""
    filled = {
        "v_collector": payload.collector,
        "v_etl": V_ETL,
        "etl_tstamp": etl_tstamp,
        "network_userid": network_user_id,
        "user_ipaddress": parameters.ip_address(ip_address.select(payload.headers, payload.ip_address)),
        "useragent": user_agent.replace("\r", "").replace("\n", "").replace("\t", "    "),
    }
    wrong: dict[str, str] = {}
    try:
        filled["collector_tstamp"] = format_timestamp(payload.timestamp)
    except TimestampError as error:
        wrong["collector_tstamp"] = str(error)
    cells = tsv.empty_event()
    for column, text in filled.items():
        cells[INDEX[column]] = text
    return Setup(payload, cells, wrong)
