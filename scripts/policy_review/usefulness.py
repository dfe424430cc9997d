"""What an analyst still sees of the events that GitLab documents: `policy/examples.json` through the real transform."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scripts.policy_review import document
from scripts.policy_review.attributes import Outcome
from scripts.policy_review.preview import previews
from wire.columns import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_src.pseudonymizer.policy.policy import Policy

EXAMPLES = document.ROOT / "policy/examples.json"
_CONTEXTS = "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1"
_KEY = bytes(32)  # no pseudonym is printed


def lines(policy: Policy) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield "| event | attribute | value | what an analyst sees |"
    yield "|---|---|---|---|"
    for example in json.loads(EXAMPLES.read_text("utf-8"))["events"]:
        cells = {**example["columns"], "contexts": json.dumps({"schema": _CONTEXTS, "data": example["contexts"]})}
        record = "\t".join(cells.get(column.name, "") for column in COLUMNS)
        (shown,) = previews(record.encode(), policy, _KEY)
        for attribute in shown.attributes:
            if attribute.where.is_name or attribute.where.last == "schema":
                continue
            sees = {
                Outcome.VISIBLE: "the value",
                Outcome.HIDDEN: "a pseudonym",
                Outcome.ERASED: "nothing",
            }.get(attribute.outcome, attribute.after if len(attribute.after) < len(_CONTEXTS) else "parts of it")
            yield f"| {example['name']} | {attribute.where.last} | `{attribute.before}` | {sees} |"
