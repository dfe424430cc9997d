"""The enricher's stages, each over all records with what the stages before it made."""

from collections.abc import Callable, Sequence

from services.enricher.adapters import adapter
from services.enricher.adapters.adapter import TrackerRequest
from services.enricher.adapters.checks import check
from services.enricher.enrichments import chain, fixed_steps
from services.enricher.enrichments.chain import Enrichments
from services.enricher.enrichments.enrichable import Enrichable
from services.enricher.entities import reading
from services.enricher.fields import parameters, tsv
from services.enricher.fields.limits import SNOWPLOW_DEFAULTS
from services.enricher.fields.request_cells import RequestCells, fill_request_cells
from services.enricher.iglu.validation import Iglu
from services.enricher.processing.enrich import enrich
from wire.collector_payload import decode


def stages(
    records: Sequence[bytes], iglu: Iglu, enrichments: Enrichments, etl_tstamp: str
) -> dict[str, Callable[[], object]]:
    """Return what to call for each stage."""
    payloads = [decode(record) for record in records]
    checked = [check(payload) for payload in payloads]
    tracker_requests = [
        TrackerRequest(*each.path, each.querystring, payload.body, payload.content_type)
        for each, payload in zip(checked, payloads, strict=True)
    ]
    requests = [
        fill_request_cells(payload, each.network_user_id, etl_tstamp)
        for payload, each in zip(payloads, checked, strict=True)
    ]
    events = [
        (request, event)
        for request, tracker_request in zip(requests, tracker_requests, strict=True)
        for event in adapter.events(tracker_request, iglu)
    ]
    cells = [enrich(request, event, iglu, enrichments).cells for request, event in events]
    sent = [event.parameters for _, event in events]
    contexts = [parameters.decode_base64(event["cx"] or "") if "cx" in event else event["co"] or "" for event in sent]
    unstructs = [event["ue_pr"] or "" for event in sent if "ue_pr" in event]

    def enrichables() -> list[Enrichable]:
        """Return the events as the enrichments find them, but with all cells filled."""
        return [
            Enrichable(row, request.payload.headers, event.parameters, event.column_plan)
            for row, (request, event) in zip(cells, events, strict=True)
        ]

    return {
        "Thrift, decoded": lambda: [decode(record) for record in records],
        "the request's parts checked": lambda: [check(payload) for payload in payloads],
        "adapter: body read and validated": lambda: [adapter.events(request, iglu) for request in tracker_requests],
        "cells from the request": lambda: [fill_request_cells(payload, "", etl_tstamp) for payload in payloads],
        "parameters": lambda: [
            event.column_plan.apply(event.parameters, row) for (_, event), row in zip(events, cells, strict=True)
        ],
        "contexts": lambda: reading.contexts(contexts, iglu),
        "unstruct events": lambda: reading.unstruct(unstructs, iglu),
        "URLs, derived time, event's schema": lambda: _structure(enrichables(), [request for request, _ in events]),
        "enrichments": lambda: _run(enrichments, enrichables()),
        "limits": lambda: [SNOWPLOW_DEFAULTS.too_long(row) for row in cells],
        "the line": lambda: [tsv.line(row).encode() for row in cells],
    }


def _structure(subjects: list[Enrichable], requests: list[RequestCells]) -> None:
    for subject, request in zip(subjects, requests, strict=True):
        fixed_steps.page(subject, None)
        fixed_steps.referrer(subject)
        fixed_steps.derived_timestamp(subject, request.payload.timestamp)
        fixed_steps.event_schema(subject, None)


def _run(enrichments: Enrichments, events: list[Enrichable]) -> None:
    for steps in (enrichments.before_referrer, enrichments.before_event_schema, enrichments.after_event_schema):
        chain.run(steps, events)
