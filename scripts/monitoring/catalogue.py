"""The catalogue of metrics: monitoring/metrics.yaml, in the form of monitoring/metrics.schema.json.

Programs, alarms, dashboards and pages are checked against it, so that nothing watches a metric that nobody publishes.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "monitoring" / "metrics.yaml"
SCHEMA = ROOT / "monitoring" / "metrics.schema.json"


class CatalogueError(Exception):
    """The file is not a catalogue: the text names file, place and what is wrong."""


@dataclass(frozen=True)
class Metric:
    """One metric of CloudWatch."""

    namespace: str
    name: str
    unit: str  # as CloudWatch names it; None is a unit too
    dimensions: frozenset[frozenset[str]]  # each set of names under which it is published
    publisher: str  # a file of this repository, or `AWS: <service>`
    statistics: frozenset[str]  # those that make sense
    period: int  # seconds from one data point to the next
    meaning: str


type Catalogue = dict[tuple[str, str], Metric]


def load(file: Path = FILE) -> Catalogue:
    """Return the metrics by namespace and name. Raises CatalogueError."""
    try:
        groups = yaml.safe_load(file.read_text())
    except yaml.YAMLError as error:
        raise CatalogueError(f"{file.name}: {error}") from None
    validator = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()))
    for problem in validator.iter_errors(groups):
        place = "/".join(map(str, problem.instance_path))
        raise CatalogueError(f"{file.name}: {place}: {problem.message}")
    found: Catalogue = {}
    for metric in _metrics(groups):
        key = metric.namespace, metric.name
        if key in found:
            raise CatalogueError(f"{file.name}: {metric.namespace} {metric.name} is there twice: remove one")
        found[key] = metric
    return found


def _metrics(groups: list[dict[str, Any]]) -> Iterator[Metric]:
    for group in groups:
        for entry in group["metrics"]:
            yield Metric(
                namespace=group["namespace"],
                name=entry["name"],
                unit=entry["unit"],
                dimensions=frozenset(map(frozenset, entry.get("dimensions", group["dimensions"]))),
                publisher=group["publisher"],
                statistics=frozenset(entry["statistics"]),
                period=entry.get("period", group["period"]),
                meaning=entry["meaning"],
            )
