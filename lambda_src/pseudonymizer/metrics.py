"""One line per invocation in CloudWatch's embedded metric format: counts, sizes, times. No value, no name of a value.

Format: Amazon's specification "CloudWatch embedded metric format"; `_aws` names the metrics among the line's keys.
"""

from collections import Counter
from dataclasses import dataclass, field
from time import time

import msgspec

from lambda_src.pseudonymizer.actions import Counts
from lambda_src.pseudonymizer.errors import Reason

NAMESPACE = "Snowveil/Pseudonymizer"


@dataclass(slots=True)
class Measured:
    """What one invocation did. Bytes are those of the records, without base64; attributes are those of all records."""

    delivered: int = 0
    quarantined: Counter[Reason] = field(default_factory=Counter)
    failed: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    milliseconds: float = 0.0


def line(delivery: str, measured: Measured, counts: Counts) -> str:
    """Return the line; `Quarantined` is also given by reason, such as `Quarantined-not-json`."""
    values: dict[str, tuple[float, str]] = {
        "Records": (measured.delivered + measured.quarantined.total() + measured.failed, "Count"),
        "Delivered": (measured.delivered, "Count"),
        "Quarantined": (measured.quarantined.total(), "Count"),
        "QuarantineFailed": (measured.failed, "Count"),
        "AttributesPseudonymized": (counts.pseudonymized, "Count"),
        "AttributesAllowed": (counts.allowed, "Count"),
        "AttributesErased": (counts.erased, "Count"),
        "BytesIn": (measured.bytes_in, "Bytes"),
        "BytesOut": (measured.bytes_out, "Bytes"),
        "Duration": (round(measured.milliseconds, 3), "Milliseconds"),
    }
    values |= {f"Quarantined-{reason}": (number, "Count") for reason, number in measured.quarantined.items()}
    definition = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Delivery"]],
        "Metrics": [{"Name": name, "Unit": unit} for name, (_, unit) in values.items()],
    }
    document = {
        "_aws": {"Timestamp": int(time() * 1000), "CloudWatchMetrics": [definition]},
        "Delivery": delivery,
        **{name: value for name, (value, _) in values.items()},
    }
    return msgspec.json.encode(document).decode()
