"""How fast the enricher is on one core and on two, where the time goes, and how far it is from the floor.

All times are CPU times of this process, taken in short turns of floor and enricher: what else runs slows both alike.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from multiprocessing import Barrier, Process, Queue
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from services.enricher.enrichments import loader
from services.enricher.enrichments.assets import Assets
from services.enricher.enrichments.chain import Enrichments
from services.enricher.enrichments.loader import NO_ENRICHMENTS
from services.enricher.iglu.validation import Iglu
from services.enricher.processing.record_enricher import Outputs, RecordEnricher
from tools.bench import enricher_floor, gitlab_payloads
from tools.bench.enricher_stages import stages

if TYPE_CHECKING:
    from multiprocessing.queues import Queue as QueueType
    from multiprocessing.synchronize import Barrier as BarrierType

_ROOT = Path(__file__).parents[2]
_SCHEMAS = _ROOT / "schemas"
_ETL_TSTAMP = "2026-01-02 03:04:05.678"
_MAX_RECORD_SIZE = 1_000_000
_RECORDS, _ROUNDS = 50, 60
_SECONDS = 5.0

type Work = Callable[[], object]


def in_turn(works: dict[str, Work], events: int) -> tuple[dict[str, float], list[dict[str, float]]]:
    """Run all works once a round; return the CPU time of each in µs per event: the least, and every round's."""
    rounds: list[dict[str, float]] = []
    for _ in range(_ROUNDS):
        taken: dict[str, float] = {}
        for name, work in works.items():
            started = process_time()
            work()
            taken[name] = (process_time() - started) / events * 1e6
        rounds.append(taken)
    return {name: min(taken[name] for taken in rounds) for name in works}, rounds


def whole(records: Sequence[bytes], enricher: RecordEnricher) -> Outputs:
    """Enrich all records."""
    outputs = Outputs()
    enricher.add_all(records, _ETL_TSTAMP, outputs)
    return outputs


def scale_out(records: Sequence[bytes], events: int, processes: int, *, switched_on: bool) -> tuple[float, float]:
    """Return events a second of wall time, and of CPU time, of so many processes at once."""
    start = Barrier(processes)
    done: QueueType[tuple[int, float, float]] = Queue()
    workers = [Process(target=_work, args=(records, events, start, done, switched_on)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    results = [done.get() for _ in workers]
    for worker in workers:
        worker.join()
    wall = sum(count / seconds for count, seconds, _ in results)
    return wall, sum(count for count, _, _ in results) / sum(cpu for _, _, cpu in results)


def _work(
    records: Sequence[bytes],
    events: int,
    start: "BarrierType",
    done: "QueueType[tuple[int, float, float]]",
    switched_on: bool,
) -> None:
    enricher = RecordEnricher(Iglu(_SCHEMAS), _MAX_RECORD_SIZE, _enrichments(switched_on=switched_on))
    whole(records, enricher)
    start.wait()
    began, cpu, count = perf_counter(), process_time(), 0
    while perf_counter() - began < _SECONDS:
        whole(records, enricher)
        count += events
    done.put((count, perf_counter() - began, process_time() - cpu))


def _enrichments(*, switched_on: bool) -> Enrichments:
    return loader.load(loader.DEFAULTS, Assets()) if switched_on else NO_ENRICHMENTS


def _print(title: str, figures: dict[str, float]) -> None:
    print(f"\n{title}")
    for name, microseconds in figures.items():
        print(f"  {microseconds:7.2f} µs  {name}")


def main() -> int:
    """Measure and print. Exit code 1 when an event was not enriched."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench.enricher",
        description=__doc__,
        epilog="example: python -m tools.bench.enricher --without-enrichments",
    )
    parser.add_argument("--without-enrichments", action="store_true", help="leave the default enrichments out")
    switched_on = not parser.parse_args().without_enrichments
    records = gitlab_payloads.records(_RECORDS)
    events = _RECORDS // 5 * gitlab_payloads.EVENTS_OF_FIVE
    iglu, enrichments = Iglu(_SCHEMAS), _enrichments(switched_on=switched_on)
    enricher = RecordEnricher(iglu, _MAX_RECORD_SIZE, enrichments)
    made = whole(records, enricher)
    if len(made.good) != events:
        print(f"{events} events in, {len(made.good)} enriched, {len(made.bad)} failed", file=sys.stderr)
        return 1
    floor = enricher_floor.steps(enricher_floor.prepare(records, _SCHEMAS))
    least, rounds = in_turn(
        {
            **floor,
            "enricher": lambda: whole(records, enricher),
            **stages(records, iglu, enrichments, _ETL_TSTAMP),
        },
        events,
    )
    size = sum(map(len, records)) / events, sum(map(len, made.good)) / events
    print(f"GitLab-like events, {events / _RECORDS:.1f} a record: {size[0]:.0f} bytes in, {size[1]:.0f} out")
    _print("floor: the same libraries alone", {name: least[name] for name in floor})
    own = {name: taken for name, taken in least.items() if name not in floor and name != "enricher"}
    which = "with the default enrichments" if switched_on else "without enrichments"
    _print(f"the enricher {which}, by stage", {**own, "together, from record to line": least["enricher"]})
    times = median(taken["enricher"] / taken[enricher_floor.FLOOR] for taken in rounds)
    print(f"\n{1e6 / least['enricher']:,.0f} events a second and core, {times:.2f} times the floor")
    for processes in (1, 2):
        wall, cpu = scale_out(records, events, processes, switched_on=switched_on)
        print(f"{processes} process(es): {wall:,.0f} events a second of wall time, {cpu:,.0f} a second of CPU time")
    return 0


if __name__ == "__main__":
    sys.exit(main())
