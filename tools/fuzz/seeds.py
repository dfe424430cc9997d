"""Where fuzzing begins: a record of each kind that the pseudonymizer reads, with a marker where a sender's text is."""

import json
from base64 import urlsafe_b64encode

from wire.columns import COLUMNS, INDEX

# No vocabulary of the policy has room for it.
MARKER = "zq7c4n9r1y8x3k"

# What random bytes would take long to find.
WORDS = (
    MARKER, "\t", '"schema":', '"data":', '{"schema":"iglu:com.gitlab/gitlab_standard/jsonschema/1-1-8","data":{}}',
    "\\u0022", "\\ud800", "%2F", "%25", "https://", "javascript:", "@", "[::1]", ";", "&", "NaN", "1e400", "null",
    "[[[[", '"user_id":', '"payload":', '"body":', '"co":', '"line":', '"errors":[]', "\u00e9", "\r\n",
)  # fmt: skip

_CSP = "iglu:com.snowplowanalytics.snowplow"
_STANDARD = "iglu:com.gitlab/gitlab_standard/jsonschema/1-1-8"


def of(delivery: str) -> list[bytes]:
    """Return the seeds of a delivery: `output` or one of failed events."""
    return [_enriched_event()] if delivery == "output" else [*_failed_events(), _old_failed_event()]


def _json(schema: str, data: object) -> str:
    return json.dumps({"schema": schema, "data": data}, separators=(",", ":"))


def _standard() -> dict[str, object]:
    data = {"environment": "production", "user_id": 7, "plan": MARKER, MARKER: [1.5, None, True, {"a": MARKER}]}
    return {"schema": _STANDARD, "data": data}


def _contexts() -> str:
    unknown = {"schema": f"iglu:com.{MARKER}/a/jsonschema/1-0-0", "data": {"x": MARKER}}
    return _json(f"{_CSP}/contexts/jsonschema/1-0-1", [_standard(), unknown])


def _event() -> str:
    click = {"targetUrl": f"https://gitlab.com/{MARKER}?q={MARKER}#a", "elementClasses": [MARKER]}
    inner = {"schema": f"{_CSP}/link_click/jsonschema/1-0-1", "data": click}
    return _json(f"{_CSP}/unstruct_event/jsonschema/1-0-0", inner)


def _cells() -> dict[str, str]:
    return {
        "app_id": "gitlab",
        "etl_tstamp": "2026-01-02 03:04:05.678",
        "user_id": MARKER,
        "user_ipaddress": "192.0.2.7",
        "page_url": f"https://{MARKER}@gitlab.com:443/a%2F{MARKER}/;x?state=opened&q={MARKER}#{MARKER}",
        "page_urlhost": f"{MARKER}.gitlab.io",
        "contexts": _contexts(),
        "unstruct_event": _event(),
        "se_category": "projects:show",
        "event_name": MARKER,
        "br_cookies": "1",
    }


def _enriched_event() -> bytes:
    row = [""] * len(COLUMNS)
    for name, text in _cells().items():
        row[INDEX[name]] = text
    return "\t".join(row).encode()


def _failed_events() -> list[bytes]:
    processor = {"artifact": "snowveil-enrich", "version": "0.1.0"}
    contexts = _contexts()
    body = _json(f"{_CSP}/payload_data/jsonschema/1-0-4", [{"e": "pv", "uid": MARKER, "co": contexts}])
    encoded = urlsafe_b64encode(contexts.encode()).decode()
    request = {
        "vendor": "com.snowplowanalytics.snowplow", "version": "tp2", "body": body, "ipAddress": "192.0.2.7",
        "querystring": [{"name": "cx", "value": encoded}, {"name": MARKER, "value": MARKER}],
        "headers": [f"Cookie: {MARKER}", "Host: gitlab.com"], "refererUri": f"https://gitlab.com/{MARKER}",
    }  # fmt: skip
    report = {"message": f"$.{MARKER}: is missing", "path": f"$.user.{MARKER}", "keyword": "type", "targets": [MARKER]}
    messages = [
        {"schemaKey": _STANDARD, "error": {"error": "ValidationError", "dataReports": [report]}},
        {"field": "contexts", "value": MARKER, "error": f"invalid json: {MARKER}"},
        {"json": {MARKER: MARKER}, "error": "INVALID_IGLUURI"},
    ]
    contents = {
        "adapter_failures/jsonschema/1-0-0": request,
        "tracker_protocol_violations/jsonschema/1-0-1": request,
        "schema_violations/jsonschema/2-0-1": {"enriched": _cells(), "raw": {"parameters": request["querystring"]}},
        "size_violation/jsonschema/1-0-0": MARKER,
    }
    failure = {"timestamp": "2026-01-02T03:04:05.678Z", "messages": messages, "expectation": f"empty body {MARKER}"}
    return [
        _json(f"{_CSP}.badrows/{schema}", {"processor": processor, "failure": failure, "payload": payload}).encode()
        for schema, payload in contents.items()
    ]


def _old_failed_event() -> bytes:
    errors = [{"level": "error", "message": f"error: {MARKER}"}, MARKER]
    return json.dumps({"line": MARKER, "errors": errors, "failure_tstamp": "2016-01-02T03:04:05Z"}).encode()
