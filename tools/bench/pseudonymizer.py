"""How fast the pseudonymizer is on one core, where the time goes, and how far it is from the floor of native work."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import hmac
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from statistics import median
from time import process_time
from typing import TYPE_CHECKING

import msgspec
import pybase64

from lambda_src.pseudonymizer import handler
from lambda_src.pseudonymizer.formats import enriched_event, json_columns, provenance
from lambda_src.pseudonymizer.policy import policy
from lambda_src.pseudonymizer.pseudonym import pseudonym_function
from lambda_src.pseudonymizer.transform import bound_policy
from tools.bench import cold_start, function, gitlab_events
from wire.columns import INDEX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_JSON_COLUMNS = [INDEX[name] for name in ("contexts", "unstruct_event", "derived_contexts")]
_HASHED = gitlab_events.PSEUDONYMIZED_VALUES
_BATCH = 100
_ROUNDS = 400
_RING_OF_TWO = f"{_HASHED} pseudonyms under a ring of two"
_BY_HMAC_DIGEST = "as many calls of hmac.digest"


def measure(works: Mapping[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Return the CPU times of each work, one a round, in µs per event; each work treats the events of one batch.

    All take turns, so that a load of the machine meets all alike.
    """
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(_ROUNDS):
        for name, work in works.items():
            started = process_time()
            work()
            times[name].append((process_time() - started) / _BATCH * 1e6)
    return times


def _shortest(times: Sequence[float]) -> float:
    """Return the end of the shortest fiftieth: what disturbs only adds."""
    return sorted(times)[len(times) // 50]


def _ratio(times: Sequence[float], floors: Sequence[float]) -> float:
    """Return how many times the floor it is in the middle one of the rounds: neighbours in time share the load."""
    return median(time / least for time, least in zip(times, floors, strict=True))


def floor(events: Sequence[bytes]) -> dict[str, Callable[[], object]]:
    """Return what native code must do for the events at least: base64, each JSON text, libcrypto's HMACs."""
    data = [pybase64.b64encode_as_string(event) for event in events]
    texts = _json_texts(events)
    parse, dump = msgspec.json.Decoder().decode, msgspec.json.encode
    return {
        "base64, both ways": lambda: [pybase64.b64encode_as_string(pybase64.b64decode(each)) for each in data],
        "JSON, parse and dump": lambda: [dump(parse(text)) for text in texts],
        # PBKDF2 is a loop of HMACs inside libcrypto, each of the hash of the last: no call from Python between them.
        f"{_HASHED} HMACs of libcrypto": lambda: hashlib.pbkdf2_hmac(
            "sha256", function.KEY, b"salt", _HASHED * len(events)
        ),
    }


def parts(events: Sequence[bytes]) -> dict[str, Callable[[], object]]:
    """Return the function's parts that can be called alone."""
    loaded = policy.load(handler.POLICY)
    bound = bound_policy.make(loaded, [function.KEY])
    events_format = enriched_event.make(bound, provenance.of_enriched_event(loaded.version, "bench"))
    without_json = [_without_json(event) for event in events]
    rows = [event.decode().split("\t") for event in events]
    values = [str(number) * 4 for number in range(_HASHED * len(events))]
    pseudonym = pseudonym_function([function.KEY], "text")
    chained = pseudonym_function([function.KEY, function.KEY[::-1]], "text")

    def transformed(records: Sequence[bytes]) -> None:
        events_format.treat([events_format.read(record) for record in records])
        bound.actions.forget()  # as at a batch's end

    return {
        "whole event": lambda: transformed(events),
        "columns that hold no JSON": lambda: transformed(without_json),
        "JSON, read and checked": lambda: [json_columns.read(row, _JSON_COLUMNS, bound.entities) for row in rows],
        f"{_HASHED} pseudonyms": lambda: [pseudonym(value) for value in values],
        _RING_OF_TWO: lambda: [chained(value) for value in values],
    }


def _json_texts(events: Sequence[bytes]) -> list[str]:
    rows = [event.decode().split("\t") for event in events]
    return [text for row in rows for text in (row[position] for position in _JSON_COLUMNS) if text]


def _without_json(event: bytes) -> bytes:
    cells = event.split(b"\t")
    for position in _JSON_COLUMNS:
        cells[position] = b""
    return b"\t".join(cells)


def endure(events: Sequence[bytes], count: int, aws: function.Aws) -> tuple[Counter[str], list[int]]:
    """Send `count` events through the function, each thousandth broken, so that the quarantine is used too.

    Returns the results, and the resident bytes before the first invocation and after each tenth of them.
    """
    broken = [*events[:-1], b"no event"]
    results: Counter[str] = Counter()
    total = max(10, count // _BATCH)
    resident = [_resident_bytes()]
    with _no_output():
        for number, batch in enumerate(function.batches(broken, _BATCH, total), 1):
            results.update(answer["result"] for answer in function.call(batch))
            if number % (total // 10) == 0:
                resident.append(_resident_bytes())
                print(f"{number:,} of {total:,} invocations", file=sys.stderr)
    results["in the quarantine"] = aws.stored
    return results, resident


@contextlib.contextmanager
def _no_output() -> Iterator[None]:
    with tempfile.TemporaryFile("w") as log, contextlib.redirect_stdout(log):
        yield


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _print(title: str, figures: Mapping[str, float], floor_us: float) -> None:
    print(f"\n{title}")
    for name, microseconds in figures.items():
        print(f"  {microseconds:7.2f} µs  {microseconds / floor_us:5.2f} x  {name}")


def _speed(events: Sequence[bytes]) -> None:
    some = events[:_BATCH]
    lowest = floor(some)
    values = [str(number).encode() * 4 for number in range(_HASHED * _BATCH)]
    (batch,) = function.batches(some, _BATCH, 1)
    with _no_output():
        times = measure(
            lowest
            | parts(some)
            | {
                _BY_HMAC_DIGEST: lambda: [hmac.digest(function.KEY, value, "sha256") for value in values],
                "the function": lambda: function.call(batch),
            }
        )
    measured = {name: _shortest(each) for name, each in times.items()}
    least = {name: measured[name] for name in lowest}
    total = sum(least.values())
    whole, per_event = measured["whole event"], measured["the function"]
    size = sum(map(len, some)) / len(some)
    print(f"GitLab-like events of {size:.0f} bytes, {_HASHED} values pseudonymized in each; x is the floor")
    _print("floor: native work alone", {**least, "together": total}, total)
    stages_us = {
        "columns that hold no JSON": measured["columns that hold no JSON"],
        "JSON, read and checked": measured["JSON, read and checked"],
        "JSON, treated and written": whole - measured["columns that hold no JSON"] - measured["JSON, read and checked"],
        "base64, answer, metrics": per_event - whole,
        "together": per_event,
        f"for comparison, {_HASHED} pseudonyms, none met before": measured[f"{_HASHED} pseudonyms"],
        f"for comparison, {_RING_OF_TWO}": measured[_RING_OF_TWO],
    }
    _print("the function, from Firehose's batch to its answer, by stage", stages_us, total)
    floors = [sum(together) for together in zip(*(times[name] for name in lowest), strict=True)]
    hashing = list(lowest)[-1]
    kinder = [
        each - prepared + digest
        for each, prepared, digest in zip(floors, times[hashing], times[_BY_HMAC_DIGEST], strict=True)
    ]
    kinder_us = total - least[hashing] + measured[_BY_HMAC_DIGEST]
    print(f"\n{1e6 / per_event:,.0f} events a second and core, of the shortest turns")
    print("times the floor:                                          shortest turns   middle of the rounds")
    print(
        f"  the floor above, HMAC under a prepared key              {per_event / total:14.2f}   "
        f"{_ratio(times['the function'], floors):20.2f}"
    )
    print(
        f"  a kinder floor, each HMAC a call of hmac.digest         {per_event / kinder_us:14.2f}   "
        f"{_ratio(times['the function'], kinder):20.2f}"
    )


def _cold_start() -> None:
    steps, wall, package_bytes = cold_start.measure()
    print(
        f"\ncold start: {sum(steps.values()) * 1000:.0f} ms of CPU of our own ("
        + ", ".join(f"{name} {seconds * 1000:.0f}" for name, seconds in steps.items())
        + f"), {wall * 1000:.0f} ms by the clock; package {package_bytes / 1e6:.2f} MB"
    )


def main() -> int:
    """Measure and print. Exit code 1 when events were lost in the long run."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench.pseudonymizer",
        description=__doc__,
        epilog="example: python -m tools.bench.pseudonymizer --events 1000000",
    )
    parser.add_argument(
        "--events",
        type=int,
        default=0,
        help=f"instead, send so many through the function, {_BATCH} an invocation, count them and watch its memory",
    )
    arguments = parser.parse_args()
    events = gitlab_events.events(1000)
    aws, services = function.in_memory("output")
    with services, _no_output():
        function.call([])
    if not arguments.events:
        _speed(events)
        _cold_start()
        return 0
    results, resident = endure(events, arguments.events, aws)
    sent = sum(results[name] for name in ("Ok", "Dropped", "ProcessingFailed"))
    print(f"{sent:,} events in {sent // _BATCH:,} invocations: {dict(results)}")
    print("resident MB, at the start and after each tenth: " + ", ".join(f"{each / 1e6:.1f}" for each in resident))
    return 0 if sent == arguments.events == results["Ok"] + results["in the quarantine"] else 1


if __name__ == "__main__":
    sys.exit(main())
