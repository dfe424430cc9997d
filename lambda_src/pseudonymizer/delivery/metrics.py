"""One line per invocation in CloudWatch's embedded metric format: counts, sizes, times, no value.

Beside the metrics it says the policy version, the id of the key, the attributes and schemas that the policy does not
name (by their names only when those are in the policy elsewhere, else by their pseudonyms), and how many values of each
attribute did not belong to its vocabulary.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import time

import msgspec

from lambda_src.pseudonymizer.errors import Reason
from lambda_src.pseudonymizer.transform.actions import Counts
from wire.embedded_metrics import directive

NAMESPACE = "Snowveil/Pseudonymizer"


@dataclass(slots=True)
class Measured:
    """What one invocation did. Bytes are those of the records, without base64; attributes are those of all records."""

    delivered: int = 0
    quarantined: Counter[Reason] = field(default_factory=Counter)
    failed: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    most_pseudonyms: int = 0  # of one record, among those with so many values that they are counted
    milliseconds: float = 0.0
    key_age_seconds: float = 0.0


def line(properties: Mapping[str, str], measured: Measured, counts: Counts) -> str:
    """Return the line; `Quarantined` is also given by reason, such as `Quarantined-not-json`.

    `properties` are `Delivery`, which is the metrics' dimension, and what else the line says as text.
    """
    values: dict[str, tuple[float, str]] = {
        "Records": (measured.delivered + measured.quarantined.total() + measured.failed, "Count"),
        "Delivered": (measured.delivered, "Count"),
        "Quarantined": (measured.quarantined.total(), "Count"),
        "QuarantineFailed": (measured.failed, "Count"),
        "AttributesPseudonymized": (counts.pseudonymized, "Count"),
        "AttributesAllowed": (counts.allowed, "Count"),
        "AttributesTruncated": (counts.truncated, "Count"),
        "AttributesErased": (counts.erased, "Count"),
        "AttributesOutOfTime": (counts.out_of_time, "Count"),
        "MostPseudonyms": (measured.most_pseudonyms, "Count"),
        "AttributesUnknown": (counts.unknown, "Count"),
        "AttributesOutside": (counts.outside.total(), "Count"),
        "BytesIn": (measured.bytes_in, "Bytes"),
        "BytesOut": (measured.bytes_out, "Bytes"),
        "Duration": (round(measured.milliseconds, 3), "Milliseconds"),
        "KeyAge": (round(measured.key_age_seconds, 3), "Seconds"),
    }
    values |= {f"Quarantined-{reason}": (number, "Count") for reason, number in measured.quarantined.items()}
    units = {name: unit for name, (_, unit) in values.items()}
    document = {
        "_aws": directive(NAMESPACE, ["Delivery"], units, int(time() * 1000)),
        **properties,
        "UnknownAttributes": counts.unknown_each,
        "OutsideVocabularies": counts.outside,
        **{name: value for name, (value, _) in values.items()},
    }
    return msgspec.json.encode(document).decode()
