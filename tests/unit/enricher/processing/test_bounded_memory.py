"""A request becomes a thousand times its size: what is held of it, and how errors in the middle of it end."""

import gzip
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.enricher import pipeline
from services.enricher.pipeline import Sinks
from services.enricher.processing.record_enricher import MAX_HELD_BYTES, RecordEnricher
from tests.fixtures.enricher import IGLU, SP, post_body, sdj
from tests.unit.enricher.processing.test_pipeline import OneBatch
from wire.collector_payload import encode

EVENTS = 15_000
# Each event fails for its `tid`, and its failed event holds the 131 columns and the request's headers.
TINY = {"e": "a", "p": "b", "tv": "", "tid": "x"}


def bomb() -> bytes:
    """Return a record of a few kB that becomes some 90 MB of failed events."""
    body = json.dumps(sdj(f"{SP}/payload_data/jsonschema/1-0-4", [TINY] * EVENTS))
    payload = encode(post_body(body))
    return gzip.compress(b"\x01\x01" + len(payload).to_bytes(4, "big") + payload)


class Counting:
    """A sink that keeps only the size of what it is given."""

    def __init__(self, fails_at: int = -1) -> None:
        self.records: list[int] = []
        self.sizes: list[int] = []
        self.fails_at = fails_at

    def write(self, records: Sequence[bytes]) -> None:
        if len(self.sizes) == self.fails_at:
            raise ConnectionError
        self.records.append(len(records))
        self.sizes.append(sum(map(len, records)))


def test_a_stream_that_fails_in_the_middle_of_a_record_leaves_the_batch_to_be_read_again() -> None:
    log: list[object] = []
    bad = Counting(fails_at=2)
    with pytest.raises(ConnectionError):
        pipeline.run(OneBatch([bomb()], log), RecordEnricher(IGLU, 1_000_000), Sinks(Counting(), bad))
    assert log == []
    assert len(bad.sizes) == 2, "nothing is written after the error"


_MEASURE = """
import resource
from tests.unit.enricher.processing.test_bounded_memory import *
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
enricher, record, log, good, bad = RecordEnricher(IGLU, 1_000_000), bomb(), [], Counting(), Counting()
before = peak()
pipeline.run(OneBatch([record], log), enricher, Sinks(good, bad))
assert len(log) == 1, "a checkpoint"
print(json.dumps([len(record), peak() - before, bad.records, bad.sizes]))
"""


def test_output_of_a_decompression_bomb_is_written_in_parts_in_bounded_memory() -> None:
    root = Path(__file__).parents[4]
    done = subprocess.run([sys.executable, "-c", _MEASURE], cwd=root, capture_output=True, text=True, check=True)
    size, taken, records, sizes = json.loads(done.stdout)
    assert size < 10_000
    assert sum(records) == EVENTS
    assert max(sizes) < MAX_HELD_BYTES + 10_000
    assert taken < 50_000_000 < sum(sizes)
