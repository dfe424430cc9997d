"""Failed events ("bad rows"): the self-describing JSON that says why a payload could not become an enriched event.

Source: the schemas of vendor `com.snowplowanalytics.snowplow.badrows`. A failed event carries the original payload in
clear; it may only go to streams whose delivery pseudonymizes it.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum

import msgspec

from wire.collector_payload import CollectorPayload
from wire.instants import instant

VENDOR = "com.snowplowanalytics.snowplow.badrows"

type Json = dict[str, object]


class FailureKind(Enum):
    """The kinds that collector and enricher emit, with their current schema versions."""

    SIZE_VIOLATION = "size_violation/jsonschema/1-0-0"
    COLLECTOR_PAYLOAD_FORMAT_VIOLATION = "collector_payload_format_violation/jsonschema/1-0-0"
    ADAPTER_FAILURES = "adapter_failures/jsonschema/1-0-0"
    TRACKER_PROTOCOL_VIOLATIONS = "tracker_protocol_violations/jsonschema/1-0-1"
    SCHEMA_VIOLATIONS = "schema_violations/jsonschema/2-0-1"
    ENRICHMENT_FAILURES = "enrichment_failures/jsonschema/2-0-1"

    @property
    def schema(self) -> str:
        """The Iglu URI."""
        return f"iglu:{VENDOR}/{self.value}"


@dataclass(frozen=True, slots=True)
class Processor:
    """The program that failed the event."""

    artifact: str
    version: str


def failed_event(kind: FailureKind, processor: Processor, failure: Json, payload: object) -> bytes:
    """Serialise one failed event to compact UTF-8 JSON; `failure` gets its timestamp, now, as first key."""
    failure = {"timestamp": instant(time.time_ns() // 1_000_000), **failure}
    data = {"processor": asdict(processor), "failure": failure, "payload": payload}
    return msgspec.json.encode({"schema": kind.schema, "data": data})


def size_violation(
    processor: Processor, *, maximum: int, actual: int, expectation: str, original: str, payload_limit: int
) -> bytes:
    """Build the failed event for a payload too large to store; `original` is cut to `payload_limit` characters."""
    failure: Json = {
        "maximumAllowedSizeBytes": maximum,
        "actualSizeBytes": actual,
        "expectation": expectation,
    }
    return failed_event(FailureKind.SIZE_VIOLATION, processor, failure, original[:payload_limit])


def collector_payload_object(payload: CollectorPayload, vendor: str, version: str, parameters: list[Json]) -> Json:
    """Return the payload of adapter and tracker failures; `parameters` are `{name, value}` of the querystring."""
    return {
        "vendor": vendor,
        "version": version,
        "querystring": parameters,
        "contentType": payload.content_type,
        "body": payload.body,
        "collector": payload.collector,
        "encoding": payload.encoding,
        "hostname": payload.hostname,
        "timestamp": instant(payload.timestamp),
        "ipAddress": payload.ip_address,
        "useragent": payload.user_agent,
        "refererUri": payload.referer_uri,
        "headers": list(payload.headers),
        "networkUserId": payload.network_user_id,
    }


def raw_event_object(
    payload: CollectorPayload, vendor: str, version: str, parameters: Mapping[str, str | None]
) -> Json:
    """Return `payload.raw` of schema violations and enrichment failures: one event's parameters after the adapter."""
    return {
        "vendor": vendor,
        "version": version,
        "parameters": [{"name": name, "value": value} for name, value in parameters.items()],
        "contentType": payload.content_type,
        "loaderName": payload.collector,
        "encoding": payload.encoding,
        "hostname": payload.hostname,
        "timestamp": instant(payload.timestamp),
        "ipAddress": payload.ip_address,
        "useragent": payload.user_agent,
        "refererUri": payload.referer_uri,
        "headers": list(payload.headers),
        "userId": payload.network_user_id,
    }


def input_data(field: str, value: str | None, expectation: str) -> Json:
    """Message: a field's text is not what is expected."""
    return {"field": field, "value": value, "expectation": expectation}


def not_json(field: str, value: str | None, error: str) -> Json:
    """Message: a field's text is not JSON; `error` describes the defect without quoting the text."""
    return {"field": field, "value": value, "error": error}


def not_iglu(value: object, code: str) -> Json:
    """Message: a JSON is not self-describing; `code` is Iglu's."""
    return {"json": value, "error": code}


def iglu_error(schema_key: str, error: Json) -> Json:
    """Message: a schema was not found or its data is invalid."""
    return {"schemaKey": schema_key, "error": error}


def criterion_mismatch(schema_key: str, criterion: str) -> Json:
    """Message: the schema of a self-describing JSON is not the one that is required here."""
    return {"schemaKey": schema_key, "schemaCriterion": criterion}
