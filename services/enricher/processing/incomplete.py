"""The incomplete event: a failed event's line as far as it could be enriched, with a context for each failure.

It holds what was refused, in clear: it goes to a stream of its own, and only where one is configured.

Wire contract (docs/reference/wire-contract.md): D.7 Incomplete events.
"""

from typing import Any

from services.enricher import PROCESSOR
from services.enricher.enrichments.enrichable import contexts_cell
from services.enricher.entities.reading import Fault
from services.enricher.processing.enrich import Failure
from services.enricher.text import exact_json
from wire.columns import INDEX
from wire.failed_events import Json

_FAILURE = "iglu:com.snowplowanalytics.snowplow/failure/jsonschema/1-0-0"
_DERIVED, _ETL_TSTAMP = INDEX["derived_contexts"], INDEX["etl_tstamp"]
_KEPT = ("event_id", "v_collector", "v_etl")
_NOT_IGLU = {
    "INVALID_SCHEMAVER": "Invalid schema version",
    "INVALID_IGLUURI": "Invalid Iglu URI",
    "INVALID_DATA_PAYLOAD": "Invalid data payload",
    "INVALID_SCHEMA": "Invalid schema",
    "INVALID_METASCHEMA": "Invalid metashema",
}


def incomplete_event(cells: list[str], failure: Failure) -> list[str]:
    """Return the cells of the incomplete event; `cells` are the failed event's."""
    cells = cells.copy()
    for column in failure.too_long:
        if column not in _KEPT:
            cells[INDEX[column]] = ""
    at = cells[_ETL_TSTAMP].replace(" ", "T") + "Z"
    failures: list[Json] = [{"schema": _FAILURE, "data": _context(fault, at)} for fault in failure.faults]
    derived: Any = {"data": []}
    if cells[_DERIVED]:
        derived = exact_json.parse(cells[_DERIVED], exact_json.OWN_DEPTH).exact
    cells[_DERIVED] = contexts_cell(failures + derived["data"])
    return cells


def _context(fault: Fault, at: str) -> Json:
    kind, errors, schema, data = _described(fault)
    return {
        "failureType": kind,
        "errors": errors,
        "schema": schema,
        "data": data,
        "timestamp": at,
        "componentName": PROCESSOR.artifact,
        "componentVersion": PROCESSOR.version,
    }


def _described(fault: Fault) -> tuple[str, list[Json], object, object]:
    """Return the type of the failure, its errors, the schema and the data."""
    message: dict[str, Any] = fault.message
    source = fault.source
    if "enrichment" in message:
        return _of_enrichment(message)
    if "schemaCriterion" in message:
        said = f"Unexpected schema: {message['schemaKey']} does not match the criterion"
        error: Json = {"message": said, "source": source, "criterion": message["schemaCriterion"]}
        return "CriterionMismatch", [error], message["schemaKey"], fault.data
    if "json" in message:
        return "NotIglu", [{"message": _NOT_IGLU[message["error"]], "source": source}], None, fault.data
    if "schemaKey" not in message:
        return "NotJSON", [{"message": message["error"], "source": source}], None, {source: fault.data}
    return _of_iglu(message, source, fault.data)


def _of_enrichment(fault: dict[str, Any]) -> tuple[str, list[Json], object, object]:
    message, enrichment = fault["message"], fault["enrichment"] or {"identifier": "", "schemaKey": None}
    identifier, schema = enrichment["identifier"], enrichment["schemaKey"]
    if "field" not in message:
        return f"EnrichmentError: {identifier}", [{"message": message["error"]}], schema, None
    said: Json = {"message": f"{message['field']} - {message['expectation']}", "source": message["field"]}
    return f"EnrichmentError: {identifier}", [said], schema, {message["field"]: message["value"]}


def _of_iglu(message: dict[str, Any], source: str, data: object) -> tuple[str, list[Json], object, object]:
    schema, error = message["schemaKey"], message["error"]
    if error["error"] == "ResolutionError":
        said = f"Resolution error: schema {schema} not found"
        missing: Json = {"message": said, "source": source, "lookupHistory": error["lookupHistory"]}
        return "ResolutionError", [missing], schema, data
    reports: list[Json] = [{**report, "source": source} for report in error.get("dataReports", ())]
    reports += [
        {"message": f"Invalid schema: {schema} - {issue['message']}", "source": source, "path": issue["path"]}
        for issue in error.get("schemaIssues", ())
    ]
    return "ValidationError", reports, schema, data
