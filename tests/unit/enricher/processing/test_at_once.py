"""Records enriched at once: what comes out is what comes out of each alone, in their order, whatever happens to one."""

import gzip
import json
from base64 import b64decode
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enricher.enrichments import loader
from services.enricher.enrichments.assets import Assets
from services.enricher.iglu.patience import Patience
from services.enricher.iglu.validation import Iglu
from services.enricher.processing.enrich import enrich, enrich_all
from services.enricher.processing.record_enricher import MAX_HELD_BYTES, Outputs, RecordEnricher
from tests.fixtures.enricher import ETL_TSTAMP, IGLU, LINK_CLICK, USER, WEB_PAGE, cells, contexts, get, post, unstruct
from tests.fixtures.iglu_registry import SCHEMAS, THING, RegistryStandIn, http_registry, resolver
from tests.unit.enricher.test_properties import payloads
from wire.collector_payload import encode

ENRICHER = RecordEnricher(IGLU, 1_000_000, loader.load(loader.DEFAULTS, Assets()), max_incomplete_size=1_000_000)
GOOD = encode(post({"eid": USER, "co": contexts(WEB_PAGE)}, {"eid": USER, "e": "ue", "ue_pr": unstruct(LINK_CLICK)}))
PACKED = gzip.compress(b"\x01\x01" + len(GOOD).to_bytes(4, "big") + GOOD)
FAILING = encode(get(eid=USER, tid="x"))
records = st.sampled_from([GOOD, FAILING, PACKED, b"nonsense"]) | payloads.map(encode)


@settings(deadline=None)  # a busy machine is not a failure
@given(st.lists(records, max_size=6))
def test_records_enriched_together_give_what_each_gives_alone(some: list[bytes]) -> None:
    together, alone = Outputs(), Outputs()
    ENRICHER.add_all(some, ETL_TSTAMP, together)
    for record in some:
        ENRICHER.add(record, ETL_TSTAMP, alone)
    assert [plain(line) for line in together.good] == [plain(line) for line in alone.good]
    assert [failure(event) for event in together.bad] == [failure(event) for event in alone.bad]
    assert len(together.incomplete) == len(alone.incomplete)
    assert (together.invalid, together.payloads) == (alone.invalid, alone.payloads) == (0, len(some))


def plain(line: bytes) -> dict[str, str]:
    return {**cells(line), "event_id": ""}  # made up where there is none


def failure(event: bytes) -> object:
    told = json.loads(event)
    del told["data"]["failure"]["timestamp"]
    if isinstance(told["data"]["payload"], dict):
        (told["data"]["payload"].get("enriched") or {}).pop("event_id", None)
    return [told["schema"], told["data"]["payload"], "lookupHistory" in str(told) or told]


def test_a_bug_in_one_record_fails_only_that_record(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    breaking = encode(get(aid="breaks"))

    def breaks(events: object, *rest: object) -> object:
        if "breaks" in str(events):
            raise ValueError("alice")
        return enrich_all(events, *rest)  # type: ignore[arg-type]  # passes on what it was called with

    def one_breaks(of_request: object, of_event: object, *rest: object) -> object:
        if "breaks" in str(of_event):
            raise ValueError("alice")
        return enrich(of_request, of_event, *rest)  # type: ignore[arg-type]  # the same

    monkeypatch.setattr("services.enricher.processing.record_enricher.enrich_all", breaks)
    monkeypatch.setattr("services.enricher.processing.record_enricher.enrich", one_breaks)
    made = Outputs()
    ENRICHER.add_all([GOOD, breaking, GOOD], ETL_TSTAMP, made)
    assert len(made.good) == 4
    assert [b64decode(json.loads(event)["data"]["payload"]) for event in made.bad] == [breaking]
    assert "bug: " in caplog.text
    assert "alice" not in caplog.text + str(made.bad)


def test_a_registry_that_is_away_is_waited_for_and_no_event_is_twice(tmp_path: Path) -> None:
    waited: list[float] = []
    with RegistryStandIn() as server:
        server.publish(THING)
        server.fails = lambda number: number < 3
        patience = Patience(sleep=waited.append)
        iglu = Iglu(SCHEMAS, resolver(tmp_path, http_registry(server.uri)), patience=patience)
        record = encode(post(*[{"co": contexts({"schema": str(THING), "data": {}})}] * 2))
        made = Outputs()
        RecordEnricher(iglu, 1_000_000).add_all([record, record], ETL_TSTAMP, made)
    assert (len(made.good), len(made.bad), len(waited)) == (4, 0, 2)


def test_many_small_events_are_enriched_together(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def noting(events: Sequence[object], *rest: object) -> object:
        sizes.append(len(events))
        return enrich_all(events, *rest)  # type: ignore[arg-type]  # passes on what it was called with

    monkeypatch.setattr("services.enricher.processing.record_enricher.enrich_all", noting)
    monkeypatch.delattr("services.enricher.processing.record_enricher.enrich")  # none goes alone
    made = Outputs()
    numbers = [str(number) for number in range(1500)]
    some = [encode(post(*({"aid": number} for number in numbers[first::3]))) for first in range(3)]
    ENRICHER.add_all(some, ETL_TSTAMP, made)
    assert [cells(line)["app_id"] for line in made.good] == [*numbers[::3], *numbers[1::3], *numbers[2::3]]
    assert len(sizes) > 1
    assert max(sizes) <= 512


def test_large_output_is_written_in_parts_without_compression_too() -> None:
    sizes: list[int] = []

    def write(outputs: Outputs) -> None:
        sizes.append(outputs.size)
        Outputs().take(outputs)

    record = encode(post(*[{"eid": USER, "tid": "x" * 20_000}] * 400))
    made = Outputs(write=write)
    ENRICHER.add_all([GOOD, record, GOOD], ETL_TSTAMP, made)
    assert len(sizes) > 1
    assert max(sizes) < MAX_HELD_BYTES + 200_000
