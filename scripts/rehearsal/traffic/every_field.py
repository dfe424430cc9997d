"""Events with a canary in every parameter of the tracker protocol that takes text, and in every nesting of JSON."""

import json
import uuid
from urllib.parse import urlencode

from scripts.rehearsal.canaries import Canaries
from scripts.rehearsal.ledger import Ledger
from scripts.rehearsal.traffic.http import JSON, TP2, batch, request
from wire.columns import COLUMNS, INDEX
from wire.tracker_protocol import PARAMETERS, ParameterFunction

_TYPED = {
    ParameterFunction.INTEGER: "7",
    ParameterFunction.DECIMAL: "12.50",
    ParameterFunction.TIMESTAMP: "1700000000123",
    ParameterFunction.BOOLEAN: "1",
    ParameterFunction.DIMENSIONS: "1920x1080",
}
CLIENT = "every field"


def parameters(canaries: Canaries) -> dict[str, str]:
    """Return one structured event that uses every parameter, with a canary wherever one fits."""
    event = {"e": "se", "p": "web", "eid": str(uuid.uuid4()), "tr_cu": "EUR", "ti_cu": "EUR", "cd": "24"}
    for parameter in PARAMETERS.values():
        if parameter.key in event:
            continue
        if parameter.function in _TYPED:
            event[parameter.key] = _TYPED[parameter.function]
        elif parameter.function is ParameterFunction.UUID:
            event[parameter.key] = canaries.uuid(parameter.key)
        elif parameter.function is ParameterFunction.IP:
            event[parameter.key] = canaries.ipv6(parameter.key)
        elif parameter.function is ParameterFunction.TSV_SAFE and _fits(parameter.columns):
            event[parameter.key] = canaries.text(parameter.key)
    event["url"] = f"https://gitlab.com/{canaries.bare('url')};v={canaries.bare('url ;')}?{canaries.bare('url key')}=1"
    event["refr"] = f"http://{canaries.bare('refr host')}.example:8080/%2e%2e/{canaries.bare('refr %2e')}"
    event["co"] = json.dumps(contexts(canaries))
    return event


def contexts(canaries: Canaries) -> dict[str, object]:
    """Return contexts with canaries as values, keys, numbers and array elements at several depths."""
    extra: dict[str, object] = {
        "text": canaries.text("extra.text"),
        canaries.bare("extra key"): {"nested": {canaries.text("extra.nested key"): canaries.number("extra.number")}},
        "list": [[canaries.bare("extra.list")], {"a": [canaries.number("extra.list.number")]}],
        "unicode": f"J\u00fcrgen \u5c71\u7530 {canaries.text('extra.unicode')} \U0001f600",
    }
    standard = {
        "schema": "iglu:com.gitlab/gitlab_standard/jsonschema/1-1-0",
        "data": {"environment": "production", "source": canaries.bare("gitlab_standard.source"), "extra": extra},
    }
    page = {
        "schema": "iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0",
        "data": {"id": canaries.uuid("web_page.id")},
    }
    wrapper = "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0"
    return {"schema": wrapper, "data": [standard, page]}


def send(host: str, port: int, canaries: Canaries, ledger: Ledger, events: int) -> None:
    """Send the event by POST, and by GET with the parameters that only a query string may carry."""
    for _ in range(events):
        headers = {
            "Host": "collector.example",
            "User-Agent": f"Mozilla/5.0 {canaries.text('User-Agent')}",
            "Referer": f"https://gitlab.com/{canaries.bare('Referer')}",
            "Cookie": f"sp={canaries.uuid('Cookie sp')}; session={canaries.bare('Cookie session')}",
            "X-Forwarded-For": canaries.ipv6("X-Forwarded-For"),
            "X-Request-Id": canaries.uuid("X-Request-Id"),
        }
        body = batch({key: value for key, value in parameters(canaries).items() if PARAMETERS[key].in_body})
        ledger.answers[request(host, port, "POST", TP2, {**headers, "Content-Type": JSON}, body)] += 1
        ledger.add(CLIENT, "output")
        # In a query string the collector reads `nuid` itself, and the enricher takes only a UUID for it.
        event = {**parameters(canaries), "nuid": canaries.uuid("nuid")}
        query = urlencode({**event, canaries.bare("unknown key"): canaries.text("unknown value")})
        ledger.answers[request(host, port, "GET", f"/i?{query}", headers)] += 1
        ledger.add(CLIENT, "output")


def _fits(columns: tuple[str, ...]) -> bool:
    limits = [COLUMNS[INDEX[name]].max_length for name in columns]
    return all(limit is None or limit >= 50 for limit in limits)
