"""Events that must fail, each for another reason, with canaries in the part that fails."""

import json
import uuid
from urllib.parse import urlencode

from scripts.rehearsal.canaries import Canaries
from scripts.rehearsal.ledger import Ledger
from scripts.rehearsal.traffic.http import JSON, TP2, batch, request

CLIENT = "broken"


def send(host: str, port: int, canaries: Canaries, ledger: Ledger) -> None:
    """Send one request of each kind of failure; every one becomes one failed event."""
    for body, content_type in _bodies(canaries):
        headers = {"Host": "collector.example", "Content-Type": content_type}
        ledger.answers[request(host, port, "POST", TP2, headers, body)] += 1
        ledger.add(CLIENT, "enriched-bad")
    for target in _targets(canaries):
        ledger.answers[request(host, port, "GET", target, {"Host": "collector.example"})] += 1
        ledger.add(CLIENT, "enriched-bad")


def send_oversized(host: str, port: int, canaries: Canaries, ledger: Ledger) -> None:
    """Send an event that is too large for a record, and a request that is too large only as a whole."""
    headers = {"Host": "collector.example", "Content-Type": JSON}
    huge = _event(page=canaries.text("oversized page") * 29_000)
    ledger.answers[request(host, port, "POST", TP2, headers, batch(huge))] += 1
    ledger.add("oversized", "raw-bad")
    large = [_event(se_la=canaries.text("split") + "x" * 3000) for _ in range(320)]
    ledger.answers[request(host, port, "POST", TP2, headers, batch(*large))] += 1
    ledger.add("oversized, split", "output", len(large))


def _event(**changes: str) -> dict[str, str]:
    return {"e": "pv", "p": "web", "tv": "js-4.0.0", "eid": str(uuid.uuid4()), **changes}


def _self_describing(schema: str, data: object) -> str:
    wrapper = "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0"
    return json.dumps({"schema": wrapper, "data": {"schema": schema, "data": data}})


def _bodies(canaries: Canaries) -> list[tuple[bytes, str]]:
    standard = "iglu:com.gitlab/gitlab_standard/jsonschema/1-1-0"
    unknown = f"iglu:com.{canaries.bare('schema vendor')}/{canaries.bare('schema name')}/jsonschema/1-0-0"
    known_vendor = f"iglu:com.gitlab/{canaries.bare('schema name of a known vendor')}/jsonschema/1-0-0"
    wrong_type = {"environment": [canaries.text("wrong type")], canaries.text("undeclared key"): 1}
    events = [
        _event(e="ue", ue_pr=_self_describing(unknown, {"email": canaries.text("unknown schema")})),
        _event(e="ue", ue_pr=_self_describing(known_vendor, {canaries.text("unknown schema key"): 1})),
        _event(e="ue", ue_pr=_self_describing(standard, wrong_type)),
        _event(e="ue", ue_pr=f'{{"schema": "{canaries.text("broken JSON")}'),
        _event(e="ue", ue_pr=_self_describing(canaries.text("schema that is not a URI"), {})),
        _event(co=json.dumps({"schema": standard, "data": [canaries.text("contexts of another schema")]})),
        _event(eid=canaries.text("event id that is not a UUID")),
        _event(tid=canaries.text("invalid number")),
        _event(dtm=canaries.text("invalid timestamp")),
        _event(res=canaries.text("invalid dimensions")),
        _event(cd=canaries.text("value too long for its column")),
        _event(e=canaries.text("unknown event type")),
        _event(p=canaries.text("unknown platform")),
        _event(**{canaries.text("undeclared parameter"): "1"}),
    ]
    bodies = [(batch(event), JSON) for event in events]
    bodies += [
        (canaries.text("body that is not JSON").encode(), JSON),
        (b'{"a": "' + canaries.text("body that is not Unicode").encode() + b'\xff\xfe"}', JSON),
        (json.dumps({"email": canaries.text("body that is not self-describing")}).encode(), JSON),
        (batch(_event(page=canaries.text("content type"))), f"text/{canaries.bare('content type')}"),
        (batch(), JSON),
    ]
    return bodies


def _targets(canaries: Canaries) -> list[str]:
    event = _event(page=canaries.text("page"))
    return [
        f"/com.{canaries.bare('vendor')}/v1?{urlencode(event)}",
        f"/i?{urlencode({**event, 'nuid': canaries.text('network user id that is not a UUID')})}",
        f"/i?{urlencode({**event, 'url': f'http://[{canaries.bare("broken URL")}'})}",
        "/i",
    ]
