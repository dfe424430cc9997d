"""How fast the pseudonymizer is on one core, where the time goes, and how far it is from the floor of native work."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

import msgspec
import pybase64

from lambda_src.pseudonymizer import enriched_event, handler, plan, policy, provenance
from lambda_src.pseudonymizer.pseudonym import pseudonym_function
from scripts.bench import cold_start, function, gitlab_events
from wire.columns import INDEX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_JSON_COLUMNS = [INDEX[name] for name in ("contexts", "unstruct_event")]
_BATCH = 100
_ROUNDS = 15


def fastest(work: Callable[[], object], events: int) -> float:
    """Return the CPU time of `work` in µs per event, the least of several rounds: what disturbs only adds."""
    times = []
    for _ in range(_ROUNDS):
        started = process_time()
        work()
        times.append(process_time() - started)
    return min(times) / events * 1e6


def floor(events: Sequence[bytes]) -> dict[str, float]:
    """Return what native code alone needs for an event, in µs: base64, JSON, and libcrypto's HMACs."""
    data = [pybase64.b64encode_as_string(event) for event in events]
    texts = [
        cells[position] for cells in (event.decode().split("\t") for event in events) for position in _JSON_COLUMNS
    ]
    parse, dump = msgspec.json.Decoder().decode, msgspec.json.encode
    hmacs = 100_000
    # PBKDF2 is a loop of HMACs inside libcrypto, each of the hash of the last: no call from Python between them.
    hmac = fastest(lambda: hashlib.pbkdf2_hmac("sha256", function.KEY, b"salt", hmacs), hmacs)
    return {
        "base64, both ways": fastest(
            lambda: [pybase64.b64encode_as_string(pybase64.b64decode(each)) for each in data], len(events)
        ),
        "JSON, parse and dump": fastest(lambda: [dump(parse(text)) for text in texts], len(events)),
        f"{gitlab_events.PSEUDONYMIZED_VALUES} HMACs of libcrypto": hmac * gitlab_events.PSEUDONYMIZED_VALUES,
    }


def stages(events: Sequence[bytes]) -> dict[str, float]:
    """Return the cost of each stage of an event, in µs. Stages that cannot be called alone are differences."""
    loaded = policy.load(handler.POLICY)
    transform = enriched_event.transformer(plan.make(loaded, function.KEY))
    stamp = provenance.of_enriched_event(loaded.version, "bench")
    lines = [transform(event) for event in events]
    pseudonym, values = pseudonym_function(function.KEY), [str(number) * 4 for number in range(1000)]
    whole = fastest(lambda: [transform(event) for event in events], len(events))
    columns = fastest(lambda: [transform(event) for event in map(_without_json, events)], len(events))
    columns -= fastest(lambda: [_without_json(event) for event in events], len(events))
    return {
        "columns, split and joined": columns,
        "JSON columns": whole - columns,
        "provenance": fastest(lambda: [stamp(line) for line in lines], len(events)),
        f"of these, {gitlab_events.PSEUDONYMIZED_VALUES} pseudonyms": gitlab_events.PSEUDONYMIZED_VALUES
        * fastest(lambda: [pseudonym(value) for value in values], len(values)),
    }


def _without_json(event: bytes) -> bytes:
    cells = event.split(b"\t")
    for position in _JSON_COLUMNS:
        cells[position] = b""
    return b"\t".join(cells)


def handled(events: Sequence[bytes]) -> float:
    """Return what the function needs for an event, from Firehose's batch to its answer, in µs."""
    batches = list(function.batches(events, _BATCH, len(events) // _BATCH))
    with _no_output():
        return fastest(lambda: [function.call(batch) for batch in batches], len(events))


def endure(events: Sequence[bytes], count: int, aws: function.Aws) -> tuple[Counter[str], list[int]]:
    """Send `count` events through the function; return the results and the resident bytes at each tenth of the way.

    Each thousandth event is broken, so that the quarantine is used too.
    """
    broken = [*events[:-1], b"no event"]
    results: Counter[str] = Counter()
    resident: list[int] = []
    total = count // _BATCH
    with _no_output():
        for number, batch in enumerate(function.batches(broken, _BATCH, total), 1):
            results.update(answer["result"] for answer in function.call(batch))
            if number % (total // 10) == 0:
                resident.append(_resident_bytes())
    results["in the quarantine"] = aws.stored
    return results, resident


@contextlib.contextmanager
def _no_output() -> Iterator[None]:
    with tempfile.TemporaryFile("w") as log, contextlib.redirect_stdout(log):
        yield


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _print(title: str, figures: dict[str, float]) -> None:
    print(f"\n{title}")
    for name, microseconds in figures.items():
        print(f"  {microseconds:7.2f} µs  {name}")


def main() -> int:
    """Measure and print. Exit code 1 when events were lost in the long run."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.bench.pseudonymizer",
        description=__doc__,
        epilog="example: python -m scripts.bench.pseudonymizer --events 1000000",
    )
    parser.add_argument("--events", type=int, default=0, help="send so many through the function and watch its memory")
    arguments = parser.parse_args()
    events = gitlab_events.events(1000)
    aws, services = function.in_memory("output")
    with services, _no_output():
        function.call([])
    lowest, per_stage, per_event = floor(events), stages(events), handled(events)
    total = sum(lowest.values())
    size = sum(map(len, events)) / len(events)
    print(f"GitLab-like events of {size:.0f} bytes, {gitlab_events.PSEUDONYMIZED_VALUES} values pseudonymized in each")
    _print("floor: native work alone", {**lowest, "together": total})
    _print("the function, by stage", per_stage)
    _print("the function, from Firehose's batch to its answer", {"together": per_event})
    print(f"\n{1e6 / per_event:,.0f} events a second and core, {per_event / total:.2f} times the floor")
    steps, package_bytes = cold_start.measure()
    print(
        f"\ncold start: {sum(steps.values()) * 1000:.0f} ms of our own ("
        + ", ".join(f"{name} {seconds * 1000:.0f}" for name, seconds in steps.items())
        + f"); package {package_bytes / 1e6:.2f} MB"
    )
    if not arguments.events:
        return 0
    results, resident = endure(events, arguments.events, aws)
    print(f"\n{arguments.events:,} events in batches of {_BATCH}: {dict(results)}")
    print("resident MB at each tenth: " + ", ".join(f"{each / 1e6:.1f}" for each in resident))
    return 0 if results["Ok"] + results["in the quarantine"] == arguments.events else 1


if __name__ == "__main__":
    sys.exit(main())
