"""Prove that nothing hidden shows: the same traffic twice, of two populations that differ only in what is hidden.

Requests go through the enricher and the functions of the deliveries. Their answers, log lines and the reasons of the
quarantine, with pseudonyms renamed in the order in which they come, must then be equal byte for byte: a difference is a
leak, whatever its encoding. A second key must leave no pseudonym as it was, else it is a digest without a key.

Example: python -m tools.twin_populations --events 2000

Exit code 0: equal. 1: the first difference is printed.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import io
import json
import random
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from lambda_src.pseudonymizer import handler
from lambda_src.pseudonymizer.delivery import batch
from lambda_src.pseudonymizer.key import Ring
from lambda_src.pseudonymizer.policy import policy
from services.enricher.iglu.validation import Iglu
from services.enricher.processing.record_enricher import Outputs, RecordEnricher
from wire.collector_payload import CollectorPayload, encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lambda_src.pseudonymizer.delivery.quarantine import Rejected

KEYS = (bytes(range(32)), bytes(range(32, 64)))
_SP = "com.snowplowanalytics.snowplow"
_STANDARD = "com.gitlab/gitlab_standard/jsonschema/1-1-1"
_LINK_CLICK = f"{_SP}/link_click/jsonschema/1-0-1"
_SCHEMAS = Path(__file__).parents[1] / "schemas"
_PER_REQUEST = 4
_BATCH = 100
_TAKEN_MS = 1_767_323_045_678
_PSEUDONYM = re.compile("[0-9a-f]{64}")
# What differs between two runs of the same traffic: clocks, and sizes before anything is hidden.
_CLOCKS = ("_aws", "Duration", "KeyAge", "BytesIn", "recordId")
_CLOCK = SimpleNamespace(time_ns=lambda: _TAKEN_MS * 1_000_000)
_LENGTHS = {"word": range(6, 30), "digits": range(7, 16)}


class Population:
    """Values that the policy hides. Member n of one population stands where member n of another does."""

    def __init__(self, seed: int) -> None:
        # Only different values are needed, no secret ones.
        self._source = random.Random(seed)  # noqa: S311
        self._members: dict[tuple[str, str], str] = {}

    def word(self, name: str) -> str:
        """Return text of any length with a digit in it, the same for the same name."""
        letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-"
        return self._member("word", name, lambda length: f"z{''.join(self._source.choices(letters, k=length))}9")

    def digits(self, name: str) -> str:
        """Return digits of any number, without a zero in front."""
        return self._member("digits", name, lambda length: str(self._source.randrange(10 ** (length - 1), 10**length)))

    def address(self, name: str) -> str:
        """Return an address of neither a network nor a host."""
        parts = [str(self._source.randrange(1, 255)) for _ in range(3)]
        return self._member("word", f"address of {name}", lambda _: ".".join(("10", *parts)))

    def _member(self, kind: str, name: str, make: Any) -> str:
        key = (kind, name)
        while key not in self._members:
            member = make(self._source.choice(_LENGTHS[kind]))
            if member not in self._members.values():
                self._members[key] = member
        return self._members[key]


def requests(population: Population, events: int) -> Iterator[bytes]:
    """Yield records of raw-good: the shape of each is the same for all populations, what the policy hides is theirs."""
    shape = random.Random(0)  # noqa: S311 - as above
    for number in range(0, events, _PER_REQUEST):
        person = f"p{shape.randrange(max(2, events // 10))}"
        data = [_event(shape, population, person, number + each) for each in range(_PER_REQUEST)]
        body = json.dumps({"schema": f"iglu:{_SP}/payload_data/jsonschema/1-0-4", "data": data})
        if shape.random() < 0.02:
            body = body[:-2] + population.word(f"broken {number}")
        yield encode(
            CollectorPayload(
                ip_address=population.address(person),
                timestamp=_TAKEN_MS,
                collector="snowveil-collector-0.1.0-kinesis",
                path=f"/{_SP}/tp2",
                body=body,
                content_type="application/json",
                user_agent=population.word(f"agent {person}"),
                referer_uri=f"https://gitlab.com/{population.word(person)}",
                headers=(f"Cookie: sp={population.word(person)}", f"X-Real-Name: {population.word(person)}"),
                network_user_id="00000000-0000-4000-8000-000000000000",
            )
        )


def _event(shape: random.Random, people: Population, person: str, number: int) -> dict[str, str]:
    """Return the parameters of an event; some are refused by the enricher, for their form or for their schema."""
    standard = {
        "environment": "production",
        "source": "gitlab-rails",
        "plan": shape.choice(["free", "premium"]),
        "user_id": int(people.digits(person)),
        "namespace_id": int(people.digits(f"namespace {person}")),
        "correlation_id": people.word(f"request {number}"),
        "extra": {people.word("key"): [people.word(f"extra {number}"), people.word(person)]},
    }
    if shape.random() < 0.05:
        standard["environment"] = people.word(f"environment {number}") * 8
    click = {
        "targetUrl": f"https://gitlab.com/{people.word(person)}/{people.word(f'path {number}')}?q={people.word('q')}"
    }
    event = {
        "e": shape.choice(["pv", "se", "ue", "xx"] if shape.random() < 0.05 else ["pv", "se", "ue"]),
        "p": "web",
        "aid": shape.choice(["gitlab", people.word(f"app {number}")]),
        "tv": "js-3.24.2",
        "eid": f"{number:08x}-0000-4000-8000-{shape.getrandbits(48):012x}",
        "dtm": str(_TAKEN_MS - shape.randrange(10**6)),
        "uid": people.digits(person),
        "duid": people.word(f"device {person}"),
        "ip": people.address(f"ip {number}"),
        "url": f"https://{people.word('host')}.example/{people.word(person)}?search={people.word(f'search {number}')}",
        "page": people.word(f"title {number}"),
        "se_ca": "InternalEventTracking",
        "se_ac": shape.choice(["click_button", people.word(f"action {number}")]),
        "se_la": people.word(f"label {number}"),
        "co": json.dumps(_wrapped("contexts/jsonschema/1-0-1", [_entity(_STANDARD, standard)])),
        "ue_pr": json.dumps(_wrapped("unstruct_event/jsonschema/1-0-0", _entity(_LINK_CLICK, click))),
    }  # fmt: skip
    if shape.random() < 0.05:
        event["vid"] = people.word(f"index {number}")
    return event


def _entity(path: str, data: object) -> dict[str, object]:
    return {"schema": f"iglu:{path}", "data": data}


def _wrapped(path: str, data: object) -> dict[str, object]:
    return _entity(f"{_SP}/{path}", data)


@dataclass(slots=True)
class _Quarantine:
    reasons: list[str] = field(default_factory=list)

    def write(self, rejected: list[Rejected]) -> list[bool]:
        self.reasons += [each.reason for each in rejected]
        return [True] * len(rejected)


@dataclass(frozen=True, slots=True)
class _Keys:
    key: bytes
    age: float = 0.0

    def current(self) -> Ring:
        return Ring("twin", (self.key,))


@dataclass(slots=True)
class Shown:
    """What readers get: lines by delivery, log lines without clocks, reasons of the quarantine."""

    lines: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def renamed(self) -> Iterator[str]:
        """Yield the lines with pseudonyms by the order in which they come first."""
        names: dict[str, str] = {}
        for line in self.lines:
            yield _PSEUDONYM.sub(lambda match: names.setdefault(match[0], f"<{len(names)}>"), line)

    def pseudonyms(self) -> set[str]:
        """Return all that looks like a pseudonym."""
        return {each for line in self.lines for each in _PSEUDONYM.findall(line)}


def run(population: Population, events: int, key: bytes = KEYS[0]) -> Shown:
    """Send the traffic of a population through enricher and functions."""
    enricher = RecordEnricher(Iglu(_SCHEMAS), max_record_size=1_000_000)
    loaded = policy.load(handler.POLICY)
    shown = Shown()
    quarantine: Any = _Quarantine()
    keys: Any = _Keys(key)
    functions = {name: batch.Pseudonymizer(name, loaded, keys, quarantine) for name in ("output", "enriched-bad")}
    held: dict[str, list[bytes]] = {name: [] for name in functions}
    for record in requests(population, events):
        outputs = Outputs()
        with patch("wire.failed_events.time", _CLOCK):
            enricher.add(record, "2026-01-02 03:04:05.900", outputs)
        held["output"] += outputs.good
        held["enriched-bad"] += outputs.bad
        for delivery, records in held.items():
            while len(records) >= _BATCH:
                _send(functions[delivery], delivery, records[:_BATCH], shown)
                del records[:_BATCH]
    for delivery, records in held.items():
        _send(functions[delivery], delivery, records, shown)
    shown.lines += quarantine.reasons
    shown.counts["quarantined"] = len(quarantine.reasons)
    return shown


def _send(function: batch.Pseudonymizer, delivery: str, records: Sequence[bytes], shown: Shown) -> None:
    sent: list[batch.Record] = [
        {"recordId": str(at), "data": base64.b64encode(record).decode(), "approximateArrivalTimestamp": 0}
        for at, record in enumerate(records)
    ]
    log = io.StringIO()
    with contextlib.redirect_stdout(log):
        answers = function.answer(sent)
    for answer in answers:
        line = base64.b64decode(answer.get("data", "")).decode()
        shown.lines.append(f"{answer['result']} {line}")
    said = json.loads(log.getvalue())
    shown.lines.append(json.dumps({name: value for name, value in said.items() if name not in _CLOCKS}))
    shown.counts[delivery] += len(records)


def leak(one: Shown, other: Shown, other_key: Shown) -> str | None:
    """Return the first thing that shows which population it is, None where there is none."""
    for first, second in zip(one.renamed(), other.renamed(), strict=False):
        if first != second:
            at = next((at for at, pair in enumerate(zip(first, second, strict=False)) if len(set(pair)) > 1), 0)
            part = slice(max(0, at - 60), at + 60)
            return f"the populations differ: …{first[part]}… and …{second[part]}…"
    if len(one.lines) != len(other.lines):
        return f"the populations differ in their number of lines: {len(one.lines)} and {len(other.lines)}"
    if same := one.pseudonyms() & other_key.pseudonyms():
        return f"{len(same)} of what looks like pseudonyms are the same under two keys, such as {min(same)}"
    return None


def main(arguments: list[str] | None = None) -> int:
    """Run the traffic three times and compare."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.twin_populations",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--events", type=int, default=2000, help="events of each population (2000)")
    chosen = parser.parse_args(arguments)
    made = []
    for what, seed, key in (("one", 1, KEYS[0]), ("its twin", 2, KEYS[0]), ("the first under another key", 1, KEYS[1])):
        print(f"twin_populations: {what}", file=sys.stderr)
        made.append(run(Population(seed), chosen.events, key))
    found = leak(*made)
    print(f"{dict(made[0].counts)}, {len(made[0].pseudonyms()):,} pseudonyms: {found or 'no difference'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
