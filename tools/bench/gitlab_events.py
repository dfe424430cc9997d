"""Enriched events as GitLab's front end makes them: 2.5 kB, of which the shipped policy pseudonymizes 14 values."""

import json
import random
import uuid
from datetime import UTC, datetime, timedelta

from wire.columns import COLUMNS, INDEX

PSEUDONYMIZED_VALUES = 14
_CSP = "iglu:com.snowplowanalytics.snowplow"


def events(count: int, seed: int = 1) -> list[bytes]:
    """Return `count` different events, always the same ones for a seed."""
    # The values only have to differ.
    source = random.Random(seed)  # noqa: S311
    return [_event(source) for _ in range(count)]


def _event(source: random.Random) -> bytes:
    user, project = source.randrange(10**7), source.randrange(10**8)

    def identifier() -> str:
        return str(uuid.UUID(int=source.getrandbits(128), version=4))

    # A time, and what depends on a window, is another in each event; a delivery's batch is of an hour at most.
    moment = datetime(2026, 1, 2, 3, tzinfo=UTC) + timedelta(milliseconds=source.randrange(3_600_000))
    milliseconds = int(moment.timestamp() * 1000)

    def time(before: int = 0) -> str:
        return (moment - timedelta(milliseconds=before)).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]

    page, user_agent = (
        identifier(),
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0",
    )
    standard = {
        "environment": "production", "source": "gitlab-javascript", "plan": "premium", "realm": "saas",
        "deployment_type": ".com", "user_type": "human", "is_gitlab_team_member": False,
        "context_generated_at": f"{time(600).replace(' ', 'T')}Z", "instance_version": "18.8.0",
        "feature_category": "code_review_workflow", "feature_enablement_type": "duo_pro", "client_name": "gitlab_web",
        "interface": "web", "user_id": user, "project_id": project, "namespace_id": project % 997,
        "correlation_id": f"01{source.getrandbits(100):025X}", "extra": {},
    }  # fmt: skip
    timing = [
        "navigationStart", "fetchStart", "domainLookupStart", "domainLookupEnd", "connectStart",
        "secureConnectionStart",
        "connectEnd", "requestStart", "responseStart", "responseEnd", "domLoading", "domInteractive",
        "domContentLoadedEventStart", "domContentLoadedEventEnd", "domComplete", "loadEventStart", "loadEventEnd",
        "unloadEventStart", "unloadEventEnd",
    ]  # fmt: skip
    contexts = [
        {"schema": "iglu:com.gitlab/gitlab_standard/jsonschema/1-1-8", "data": standard},
        {"schema": f"{_CSP}/web_page/jsonschema/1-0-0", "data": {"id": page}},
        {
            "schema": "iglu:org.w3/PerformanceTiming/jsonschema/1-0-0",
            "data": {name: milliseconds - 3000 + 7 * number for number, name in enumerate(timing)},
        },
    ]
    click = {"targetUrl": "https://gitlab.com", "elementTarget": "_blank", "elementId": f"row-{project}"}
    cells = {
        "app_id": "gitlab", "platform": "web", "etl_tstamp": time(),
        "collector_tstamp": time(78), "dvce_created_tstamp": time(578),
        "event": "unstruct", "event_id": identifier(), "name_tracker": "gl", "v_tracker": "js-3.24.2",
        "v_collector": "snowveil-collector-0.1.0-kinesis", "v_etl": "snowveil-enrich-0.1.0",
        "user_id": str(user), "user_ipaddress": f"192.0.2.{user % 256}", "domain_userid": identifier(),
        "domain_sessionidx": "3", "network_userid": identifier(), "domain_sessionid": identifier(),
        "page_url": f"https://gitlab.com/group-{project % 997}?state=opened&page=2", "page_title": f"Issue {project}",
        "page_urlscheme": "https", "page_urlhost": "gitlab.com", "page_urlport": "443",
        "page_urlpath": f"/group-{project % 997}", "page_urlquery": "state=opened&page=2",
        "contexts": _wrapped("contexts/jsonschema/1-0-1", contexts),
        "unstruct_event": _wrapped(
            "unstruct_event/jsonschema/1-0-0", {"schema": f"{_CSP}/link_click/jsonschema/1-0-1", "data": click}
        ),
        "useragent": user_agent, "br_lang": "en-US", "br_cookies": "1", "br_colordepth": "24", "br_viewwidth": "1920",
        "br_viewheight": str(source.randrange(600, 1000)), "os_timezone": "Europe/Berlin",
        "dvce_screenwidth": "1920", "dvce_screenheight": "1080",
        "doc_charset": "UTF-8", "doc_width": "1905", "doc_height": str(source.randrange(1000, 9000)),
        "dvce_sent_tstamp": time(528), "derived_tstamp": time(128),
        "event_vendor": "com.snowplowanalytics.snowplow",
        "event_name": "link_click", "event_format": "jsonschema", "event_version": "1-0-1",
    }  # fmt: skip
    row = [""] * len(COLUMNS)
    for name, text in cells.items():
        row[INDEX[name]] = text
    return "\t".join(row).encode()


def _wrapped(schema: str, data: object) -> str:
    return json.dumps({"schema": f"{_CSP}/{schema}", "data": data}, separators=(",", ":"))
