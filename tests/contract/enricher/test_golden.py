"""A hundred requests and their output, as a file that a reviewer reads.

`UPDATE_GOLDEN=1 pytest tests/contract/enricher/test_golden.py` writes it anew: read the difference by the contract.
In the file a `#` line names a request and says what it shows; each output is `enriched` with the columns that are not
empty, or `failed` with the event's JSON, its times and a random event_id taken out.
"""

import json
import os
import re
from pathlib import Path

import pytest
from snowplow_analytics_sdk.event_transformer import transform

from tests.fixtures import golden_requests
from tests.fixtures.enricher import cells, outputs
from wire.collector_payload import CollectorPayload

GOLDEN = Path(__file__).parents[2] / "fixtures/golden/enriched.txt"
_TIMES = re.compile(r'("(?:timestamp|lastAttempt)":")20(?!23)[^"]*(")')
_RANDOM_ID = re.compile(r'("event_id":")(?!5b2c1c5e)[^"]*(")')


def written(name: str, payload: CollectorPayload) -> str:
    """Return the file's part of one request."""
    made = outputs(payload)
    parts = [f"# {name}"]
    for line in made.good:
        columns = [f"  {column}\t{cell}" for column, cell in cells(line).items() if cell]
        parts += ["enriched", *columns]
    for event in made.bad:
        text = _RANDOM_ID.sub(r"\1…\2", _TIMES.sub(r"\1…\2", event.decode()))
        data = json.loads(text)["data"]
        if isinstance(data["payload"], dict) and "enriched" in data["payload"]:
            enriched = data["payload"]["enriched"]
            data["payload"]["enriched"] = {column: cell for column, cell in enriched.items() if cell is not None}
        compact = json.dumps({"schema": json.loads(text)["schema"], **data}, ensure_ascii=False)
        parts += ["failed", f"  {compact}"]
    return "\n".join(parts)


REQUESTS = golden_requests.requests()


def test_there_are_a_hundred_of_them() -> None:
    assert len(REQUESTS) == golden_requests.COUNT
    assert len({name for name, _ in REQUESTS}) == golden_requests.COUNT


@pytest.mark.contract("C.9/line")
def test_each_line_can_be_read_by_snowplows_own_reader() -> None:
    for _, payload in REQUESTS:
        for line in outputs(payload).good:
            assert transform(line.decode(), add_geolocation_data=False)["event_id"]


@pytest.mark.contract("C.9/line")
def test_the_outputs_are_those_of_the_golden_file() -> None:
    text = "\n\n".join(written(name, payload) for name, payload in REQUESTS) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    golden = GOLDEN.read_text(encoding="utf-8").split("\n\n")
    for made, expected in zip(text.split("\n\n"), golden, strict=True):
        assert made == expected
