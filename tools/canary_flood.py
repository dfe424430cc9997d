"""Plant canaries in every column, header, key, nesting and encoding, and search all that the functions say.

Knows nothing of the policy and shares no code with the tests' canaries: a second look by other eyes.

Example: python -m tools.canary_flood --records 100000

Exit code 0: no hit. 1: the first hits are printed, with the place where the canary was planted.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import io
import json
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from lambda_src.pseudonymizer import handler
from lambda_src.pseudonymizer.delivery import batch
from lambda_src.pseudonymizer.key import Ring
from lambda_src.pseudonymizer.policy import policy
from wire.columns import COLUMNS, INDEX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lambda_src.pseudonymizer.delivery.quarantine import Rejected

_BATCH = 100
_MOST_HITS = 20
WORD, NUMBER = "Kx7QzPw9", "86753094218"
_CSP = "com.snowplowanalytics.snowplow"
_SCHEMAS = (
    "com.gitlab/gitlab_standard/jsonschema/1-1-1",
    "com.gitlab/ai_context/jsonschema/1-0-0",
    "com.gitlab/event_construct/jsonschema/1-0-0",
    f"{_CSP}/link_click/jsonschema/1-0-1",
    f"{_CSP}/submit_form/jsonschema/1-0-0",
    f"{_CSP}/client_session/jsonschema/1-0-2",
    f"{_CSP}/ua_parser_context/jsonschema/1-0-0",
    "org.w3/PerformanceTiming/jsonschema/1-0-0",
    f"com.{WORD}/thing/jsonschema/1-0-0",
    f"com.gitlab/{WORD}/jsonschema/2-7-1",
)
_BADROWS = (
    "schema_violations",
    "enrichment_failures",
    "tracker_protocol_violations",
    "adapter_failures",
    "size_violation",
)
_KNOWN = (
    "environment",
    "user_id",
    "targetUrl",
    "extra",
    "elements",
    "schema",
    "data",
    "useragentMajor",
    "loadEventEnd",
)
_ENCODINGS: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    lambda text: text[::-1],
    quote,
    lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    lambda text: quote(quote(text + "/")),
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: base64.urlsafe_b64encode(f"x{text}".encode()).decode().rstrip("="),
    lambda text: text.encode().hex(),
    lambda text: f" {text}\u00e9 ",
    lambda text: "".join(f"&#{ord(each)};" for each in text),
)
_SHAPES = (
    "{}",
    "{}@mail.example",
    "https://gitlab.com/{}?state={}#{}",
    "https://{}.gitlab.io/",
    "js-{}",
    "a:{}:b",
    "10.1.{}",
)


def needles() -> list[bytes]:
    """Return what the canaries look like in the output, in the encodings in which they are planted and may be made."""
    found: set[str] = set()
    for canary in (WORD, NUMBER):
        found |= {each(canary) for each in _ENCODINGS} | {canary.lower(), canary.swapcase(), canary[::-1]}
        for lead in ("", "x", "xy"):  # base64 has three alignments
            text = base64.b64encode(f"{lead}{canary}".encode()).decode()
            found.add(text[4 if lead else 0 : len(text) - 4])
    return [each.strip().encode() for each in found if len(each) >= len(WORD) - 2]


class Flood:
    """Makes records; `place` says where the last one has its canaries."""

    def __init__(self, seed: int) -> None:
        self._source = random.Random(seed)  # noqa: S311 - the records only have to differ

    def text(self) -> str:
        """Return a canary in some encoding and shape."""
        canary = self._source.choice((WORD, WORD, NUMBER))
        return self._source.choice(_SHAPES).replace("{}", self._source.choice(_ENCODINGS)(canary))

    def value(self, depth: int) -> object:
        """Return any JSON with canaries."""
        choose = self._source.choice
        kind = choose(("text", "number", "json", "object", "array", "entity") if depth else ("text", "number", "json"))
        match kind:
            case "number":
                return int(NUMBER)
            case "json":
                return json.dumps({self.text(): self.text()})
            case "object":
                return {choose((*_KNOWN, self.text())): self.value(depth - 1) for _ in range(3)}
            case "array":
                return [self.value(depth - 1) for _ in range(2)]
            case "entity":
                return self.entity(depth - 1)
        return self.text()

    def entity(self, depth: int) -> dict[str, object]:
        """Return self-describing JSON."""
        choose = self._source.choice
        data = {choose((*_KNOWN, self.text())): self.value(depth) for _ in range(4)}
        return {"schema": f"iglu:{choose(_SCHEMAS)}", "data": data}

    def event(self) -> bytes:
        """Return an enriched event with canaries in a third of its columns and in its contexts."""
        row = [self.text().replace("\t", "") if self._source.random() < 0.33 else "" for _ in COLUMNS]
        row[INDEX["event_id"]] = "00000000-0000-4000-8000-000000000000"
        row[INDEX["collector_tstamp"]] = "2026-01-02 03:04:05.678"
        for name, wrapper, data in (
            ("contexts", "contexts/jsonschema/1-0-1", [self.entity(3)]),
            ("derived_contexts", "contexts/jsonschema/1-0-1", [self.entity(2)]),
            ("unstruct_event", "unstruct_event/jsonschema/1-0-0", self.entity(2)),
        ):
            content = {"schema": f"iglu:{_CSP}/{wrapper}", "data": data}
            row[INDEX[name]] = json.dumps(content) if self._source.random() < 0.7 else ""
        return "\t".join(row).encode()

    def failed_event(self) -> bytes:
        """Return a failed event with canaries in headers, parameters, messages and whatever is in its payload."""
        kind = self._source.choice(_BADROWS)
        contexts = json.dumps({"schema": f"iglu:{_CSP}/contexts/jsonschema/1-0-1", "data": [self.entity(2)]})
        encoded = base64.urlsafe_b64encode(contexts.encode()).decode()
        parameters = [{"name": name, "value": self.text()} for name in ("uid", "url", "dtm", "se_la", self.text())]
        parameters += [{"name": "co", "value": contexts}, {"name": "cx", "value": encoded}]
        request = {
            "timestamp": "2026-01-02T03:04:05.678Z",
            "headers": [
                f"{name}: {self.text()}" for name in ("Cookie", "Host", "Referer", "DNT", "User-Agent", self.text())
            ],
            "ipAddress": self.text(),
            "querystring": parameters,
            "parameters": parameters,
            "body": json.dumps(
                {"schema": f"iglu:{_CSP}/payload_data/jsonschema/1-0-4", "data": [{"uid": self.text()}]}
            ),
            "userId": self.text(),
            self.text(): self.value(1),
        }
        columns = {column.name: self.text() for column in self._source.sample(COLUMNS, 20)}
        payload: object = request if "tocol" in kind or "adapter" in kind else {"raw": request, "enriched": columns}
        message = {"error": self.text(), "field": self.text(), "value": self.value(2), "json": self.text()}
        failure = {"timestamp": "2026-01-02T03:04:05.678Z", "messages": [message, self.value(2)], "vendor": self.text()}
        data = {"processor": {"artifact": self.text(), "version": self.text()}, "failure": failure}
        data["payload"] = self.text() if kind == "size_violation" else payload
        return json.dumps({"schema": f"iglu:{_CSP}.badrows/{kind}/jsonschema/2-0-0", "data": data}).encode()


@dataclass(slots=True)
class _Quarantine:
    reasons: Counter[str] = field(default_factory=Counter)

    def write(self, rejected: list[Rejected]) -> list[bool]:
        self.reasons.update(each.reason for each in rejected)
        return [True] * len(rejected)


class _Keys:
    age = 0.0

    def current(self) -> Ring:
        return Ring("flood", (bytes(range(32)),))


def hits(said: bytes) -> list[bytes]:
    """Return the needles in what was said, as it is and with its escapes and percent signs read."""
    readings = {said, unquote(said.decode(errors="replace")).encode()}
    readings.add(said.decode(errors="replace").encode().decode("unicode_escape", errors="replace").encode())
    return [needle for needle in needles() if any(needle in reading for reading in readings)]


def run(records: int, seed: int = 1) -> tuple[Counter[str], Iterator[str]]:
    """Send the records; return the counts of answers and reasons, and what was found, each with its record."""
    flood, quarantine, counts = Flood(seed), _Quarantine(), Counter[str]()
    keys: Any = _Keys()
    aside: Any = quarantine
    loaded = policy.load(handler.POLICY)
    makers = {"output": flood.event, "enriched-bad": flood.failed_event}
    found: list[str] = []
    for delivery, make in makers.items():
        function = batch.Pseudonymizer(delivery, loaded, keys, aside)
        for _ in range(0, records // len(makers), _BATCH):
            originals = [make() for _ in range(_BATCH)]
            log = io.StringIO()
            with contextlib.redirect_stdout(log):
                answers = function.answer(
                    [
                        {"recordId": str(at), "data": base64.b64encode(each).decode(), "approximateArrivalTimestamp": 0}
                        for at, each in enumerate(originals)
                    ]
                )
            said = [base64.b64decode(answer.get("data", "")) for answer in answers]
            counts.update(f"{delivery} {answer['result']}" for answer in answers)
            found += [f"log: {each!r}" for each in hits(log.getvalue().encode())]
            if hits(b"\n".join(said)):  # rare: then each by itself
                found += [
                    f"{needle!r} of {original[:3000]!r} in {line[:3000]!r}"
                    for original, line in zip(originals, said, strict=True)
                    for needle in hits(line)
                ]
    counts.update(quarantine.reasons)
    return counts, iter(found)


def main(arguments: list[str] | None = None) -> int:
    """Send the records and print what was found."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.canary_flood",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--records", type=int, default=2000, help="records, half good and half failed events (2000)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other records (1)")
    chosen = parser.parse_args(arguments)
    counts, found = run(chosen.records, chosen.seed)
    listed = list(found)
    for each in listed[:_MOST_HITS]:
        print(each)
    print(f"{dict(counts)}: {len(listed)} hits")
    return 1 if listed else 0


if __name__ == "__main__":
    sys.exit(main())
