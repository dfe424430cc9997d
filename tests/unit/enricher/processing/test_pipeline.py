import json
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import nullcontext

import pytest
from prometheus_client import REGISTRY

from services.enricher import pipeline
from services.enricher.kinesis.interface import Batch, Position
from services.enricher.processing.enrich import enrich
from services.enricher.processing.record_enricher import Outputs, RecordEnricher
from tests.fixtures.enricher import ETL_TSTAMP, GET, IGLU, cells, get, post
from wire.collector_payload import encode

END = Position("s-0", "7")


class OneBatch:
    """A source of one batch that records what happens in order."""

    def __init__(self, records: list[bytes], log: list[object]) -> None:
        self.records = records
        self.log = log

    def batches(self) -> Iterator[Batch]:
        yield Batch(self.records, END)

    def checkpoint(self, position: Position) -> None:
        self.log.append(position)


class Sink:
    def __init__(self, name: str, log: list[object], *, broken: bool = False) -> None:
        self.name = name
        self.log = log
        self.broken = broken
        self.records: list[bytes] = []

    def write(self, records: Sequence[bytes]) -> None:
        if self.broken:
            raise RuntimeError(self.name)
        self.log.append(self.name)
        self.records += records


def run(records: list[bytes], *, broken: str = "") -> tuple[list[object], Sink, Sink]:
    log: list[object] = []
    good, bad = (Sink(name, log, broken=name == broken) for name in ("good", "bad"))
    with pytest.raises(RuntimeError, match=broken) if broken else nullcontext():
        pipeline.run(OneBatch(records, log), RecordEnricher(IGLU, 1_000_000), pipeline.Sinks(good, bad))
    return log, good, bad


def test_the_checkpoint_comes_after_both_outputs() -> None:
    log, good, bad = run([encode(GET), b"nonsense", encode(get(aid="a"))])
    assert log == ["good", "bad", END]
    assert (len(good.records), len(bad.records)) == (2, 1)


def with_failed(*, broken: str = "") -> tuple[list[object], list[bytes]]:
    """Run a good and a failing record with a stream for incomplete events; return what happened, and that stream."""
    log: list[object] = []
    good, bad, failed = (Sink(name, log, broken=name == broken) for name in ("good", "bad", "failed"))
    enricher = RecordEnricher(IGLU, 1_000_000, max_incomplete_size=1_000_000)
    with pytest.raises(RuntimeError, match=broken) if broken else nullcontext():
        source = OneBatch([encode(GET), encode(get(tid="x"))], log)
        pipeline.run(source, enricher, pipeline.Sinks(good, bad, failed=failed))
    return log, failed.records


@pytest.mark.contract("D.7/output")
def test_incomplete_events_are_written_before_the_checkpoint_and_counted() -> None:
    before = REGISTRY.get_sample_value("snowplow_enrich_failed_total") or 0
    log, failed = with_failed()
    assert log == ["good", "bad", "failed", END]
    assert [cells(line)["txn_id"] for line in failed] == [""]
    assert REGISTRY.get_sample_value("snowplow_enrich_failed_total") == before + 1


@pytest.mark.contract("D.7/output")
def test_without_an_acknowledgement_of_the_incomplete_events_there_is_no_checkpoint() -> None:
    log, _ = with_failed(broken="failed")
    assert END not in log


@pytest.mark.parametrize("broken", ["good", "bad"])
def test_without_an_acknowledgement_of_both_there_is_no_checkpoint(broken: str) -> None:
    log, _, _ = run([encode(GET), b"nonsense"], broken=broken)
    assert END not in log


def test_the_events_of_a_batch_share_their_time() -> None:
    _, good, _ = run([encode(GET)] * 3)
    assert len({cells(line)["etl_tstamp"] for line in good.records}) == 1


@pytest.mark.parametrize("raised", [ValueError("alice"), RecursionError("alice"), KeyError("alice")])
def test_a_bug_makes_a_failed_event_with_the_whole_record(
    raised: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("services.enricher.processing.record_enricher.enrich", lambda *_: (_ for _ in ()).throw(raised))
    made = Outputs()
    RecordEnricher(IGLU, 1_000_000).add(encode(GET), ETL_TSTAMP, made)
    (event,) = [json.loads(each) for each in made.bad]
    assert event["schema"].endswith("/collector_payload_format_violation/jsonschema/1-0-0")
    assert b64decode(event["data"]["payload"]) == encode(GET)
    assert event["data"]["failure"]["message"]["error"].startswith("internal error: ")
    assert "alice" not in made.bad[0].decode()
    assert "alice" not in caplog.text
    assert "bug: " in caplog.text


def test_a_bug_at_the_second_event_of_a_request_leaves_no_half(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def second_breaks(*arguments: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise ValueError
        return enrich(*arguments)  # type: ignore[arg-type]  # passes on what it was called with

    monkeypatch.setattr("services.enricher.processing.record_enricher.enrich", second_breaks)
    made = Outputs()
    RecordEnricher(IGLU, 1_000_000).add(encode(post({}, {}, {})), ETL_TSTAMP, made)
    assert (len(made.good), len(made.bad)) == (0, 1)
