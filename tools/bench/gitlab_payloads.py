"""Collector payloads as GitLab's trackers make them: POSTs of its front end (1 and 3 events) and its back end (10)."""

import base64
import json
import random
import uuid
from copy import replace
from pathlib import Path

from wire.collector_payload import CollectorPayload, encode

EVENTS_OF_FIVE = 1 + 1 + 3 + 3 + 10
_SP = "com.snowplowanalytics.snowplow"
_USER_AGENTS = Path(__file__).with_name("user_agents.txt").read_text(encoding="utf-8").splitlines()
_BROWSER = CollectorPayload(
    ip_address="192.0.2.1",
    timestamp=1_767_323_045_600,
    collector="snowveil-collector-0.1.0-kinesis",
    path=f"/{_SP}/tp2",
    querystring="",
    content_type="application/json; charset=utf-8",
    referer_uri="https://gitlab.example.com/",
)
_BROWSER_HEADERS: tuple[str, ...] = (
    "Host: collector.example.com", "Connection: keep-alive", 'sec-ch-ua-platform: "Linux"', "User-Agent: {agent}",
    'sec-ch-ua: "Not;A=Brand";v="8", "Chromium";v="150"', "Content-Type: application/json; charset=UTF-8",
    "sec-ch-ua-mobile: ?0", "Accept: */*", "Origin: https://gitlab.example.com", "Sec-Fetch-Site: same-site",
    "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty", "Referer: https://gitlab.example.com/",
    "Accept-Encoding: gzip, deflate, br, zstd", "Accept-Language: en-US,en;q=0.9", "Content-Length: 2400",
    "X-Forwarded-For: {ip}", "X-Forwarded-Proto: https", "X-Forwarded-Port: 443",
    "Cookie: _sp_ses.dc78=*;_sp_id.dc78={user}.1795358326.1.1795358326..{session}....0;sp={user}",
    "application/json; charset=utf-8",
)  # fmt: skip
_RUBY_HEADERS: tuple[str, ...] = (
    "Host: collector.example.com", "Content-Type: application/json; charset=utf-8", "User-Agent: Ruby",
    "Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3", "Accept: */*", "Content-Length: 14000",
    "X-Forwarded-For: {ip}", "X-Forwarded-Proto: https", "X-Forwarded-Port: 443", "application/json; charset=utf-8",
)  # fmt: skip


def records(count: int, seed: int = 1) -> list[bytes]:
    """Return `count` Thrift records, a multiple of five; five hold `EVENTS_OF_FIVE` events. The same for a seed."""
    # The values only have to differ.
    source = random.Random(seed)  # noqa: S311
    return [_record(source, number % 5) for number in range(count)]


def _record(source: random.Random, kind: int) -> bytes:
    agent = source.choice(_USER_AGENTS)
    ip = f"198.51.100.{source.randrange(256)}"
    user, session, page = (_uuid(source) for _ in range(3))
    if kind == 4:
        events, agent, headers = [_backend(source) for _ in range(10)], "Ruby", _RUBY_HEADERS
    else:
        web = {"user": user, "session": session, "page": page}
        kinds = ["pv", "se", "ue"] if kind > 1 else [source.choice(["pv", "se", "ue"])]
        events, headers = [_frontend(source, each, web) for each in kinds], _BROWSER_HEADERS
    body = {"schema": f"iglu:{_SP}/payload_data/jsonschema/1-0-4", "data": events}
    payload = replace(
        _BROWSER,
        user_agent=agent,
        body=_json(body),
        headers=tuple(
            line.replace("{agent}", agent).replace("{ip}", ip).replace("{user}", user).replace("{session}", session)
            for line in headers
        ),
        network_user_id=user,
    )
    return encode(payload)


def _frontend(source: random.Random, kind: str, web: dict[str, str]) -> dict[str, str]:
    project = source.randrange(10**8)
    created = 1_767_323_045_100 + source.randrange(100)
    event = {
        "e": kind, "eid": _uuid(source), "tv": "js-4.10.1", "tna": "gl", "aid": "gitlab", "p": "web", "cookie": "1",
        "cs": "UTF-8", "lang": "en-US", "res": "1920x1080", "cd": "24", "tz": "Europe/Berlin", "dtm": str(created),
        "vp": "1920x969", "ds": "1905x2450", "vid": str(project % 9 + 1), "sid": web["session"], "duid": web["user"],
        "uid": str(project % 10**6), "stm": str(created + 50),
        "url": f"https://gitlab.example.com/group-{project % 997}/-/issues?state=opened&page=2",
        "refr": f"https://gitlab.example.com/group-{project % 997}/-/boards",
    }  # fmt: skip
    entities = [
        _sdj("com.gitlab/gitlab_standard/jsonschema/1-1-8", _standard(source, "gitlab-javascript")),
        _sdj(f"{_SP}/web_page/jsonschema/1-0-0", {"id": web["page"]}),
    ]
    if kind == "pv":
        event["page"] = f"Issues · Project {project}"
        event["refr"] = "https://www.google.com/"
        entities.append(_sdj("org.w3/PerformanceTiming/jsonschema/1-0-0", _timing()))
    elif kind == "se":
        event |= {"se_ca": "projects:issues:index", "se_ac": "click_button", "se_la": f"row-{project}", "se_va": "1.5"}
    else:
        click = {"targetUrl": "https://gitlab.example.com/", "elementTarget": "_blank", "elementId": f"row-{project}"}
        inner = _sdj(f"{_SP}/link_click/jsonschema/1-0-1", click)
        event["ue_pr"] = _json(_sdj(f"{_SP}/unstruct_event/jsonschema/1-0-0", inner))
    event["co"] = _json(_sdj(f"{_SP}/contexts/jsonschema/1-0-0", entities))
    return event


def _backend(source: random.Random) -> dict[str, str]:
    entities = [
        _sdj("com.gitlab/gitlab_standard/jsonschema/1-1-8", _standard(source, "gitlab-rails")),
        _sdj(
            "com.gitlab/gitlab_service_ping/jsonschema/1-0-1",
            {"data_source": "redis_hll", "event_name": "i_code_review_user_approve_mr"},
        ),
    ]
    contexts = _json(_sdj(f"{_SP}/contexts/jsonschema/1-0-1", entities))
    return {
        "e": "se", "se_ca": "InternalEventTracking", "se_ac": "i_code_review_user_approve_mr",
        "se_la": str(source.randrange(10**6)), "tna": "gl", "tv": "rb-0.8.0", "p": "srv", "aid": "gitlab",
        "eid": _uuid(source), "dtm": "1767323045000", "stm": "1767323045100",
        "cx": base64.urlsafe_b64encode(contexts.encode()).decode(),
    }  # fmt: skip


def _standard(source: random.Random, name: str) -> dict[str, object]:
    user, project = source.randrange(10**7), source.randrange(10**8)
    return {
        "environment": "production", "source": name, "plan": "premium", "realm": "saas", "deployment_type": ".com",
        "user_type": "human", "is_gitlab_team_member": False, "context_generated_at": "2026-01-02T03:04:05.678Z",
        "instance_version": "18.8.0", "feature_category": "code_review_workflow",
        "feature_enablement_type": "duo_pro", "client_name": "gitlab_web", "interface": "web", "user_id": user,
        "project_id": project, "namespace_id": project % 997, "correlation_id": f"01{source.getrandbits(100):025X}",
        "extra": {},
    }  # fmt: skip


def _timing() -> dict[str, object]:
    names = [
        "navigationStart", "fetchStart", "domainLookupStart", "domainLookupEnd", "connectStart",
        "secureConnectionStart", "connectEnd", "requestStart", "responseStart", "responseEnd", "domLoading",
        "domInteractive", "domContentLoadedEventStart", "domContentLoadedEventEnd", "domComplete", "loadEventStart",
        "loadEventEnd", "unloadEventStart", "unloadEventEnd",
    ]  # fmt: skip
    return {name: 1_767_323_045_000 + number for number, name in enumerate(names)}


def _sdj(path: str, data: object) -> dict[str, object]:
    return {"schema": f"iglu:{path}", "data": data}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _uuid(source: random.Random) -> str:
    return str(uuid.UUID(int=source.getrandbits(128), version=4))
