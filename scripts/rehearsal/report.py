"""The summary of a rehearsal: what was sent and delivered, and one event before and after."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table

from scripts.rehearsal import streams
from scripts.rehearsal.ledger import DESTINATIONS
from scripts.rehearsal.traffic.python_tracker import NAMESPACE
from wire.columns import COLUMNS, INDEX

if TYPE_CHECKING:
    from rich.console import Console

    from scripts.rehearsal.canaries import Hit
    from scripts.rehearsal.environment import OneMachine
    from scripts.rehearsal.ledger import Destination, Ledger


@dataclass(slots=True)
class Summary:
    """The counts of a rehearsal.

    `sent` is by client, `expected` and `delivered` by destination, `attributes` by what the pseudonymizer did,
    `seconds` by stage. `loaded` are the rows of each table of the warehouse in the folder `warehouse`, `answer` is what
    it says to `query`. `event` holds the cells of one event by column: original and delivered.
    """

    sent: dict[str, int]
    collected: int
    enriched_good: int
    enriched_bad: int
    expected: dict[str, int]
    delivered: dict[str, int]
    loaded: dict[str, int]
    warehouse: str
    query: str
    answer: list[tuple[Any, ...]]
    attributes: dict[str, int]
    places_searched: int
    canaries: list[Hit]
    seconds: dict[str, float]
    event: dict[str, tuple[str, str]]

    @property
    def adds_up(self) -> bool:
        """Whether everything sent was delivered once, where it belongs, and no canary was found."""
        return (
            self.expected == self.delivered
            and sum(self.sent.values()) == sum(self.delivered.values())
            and sum(self.loaded.values()) == sum(self.delivered.values()) - self.delivered["quarantine"]
            and not self.canaries
        )

    def to_json(self) -> str:
        """Return the summary as JSON."""
        return json.dumps({"adds_up": self.adds_up, **asdict(self)}, indent=2)


def summarise(
    machine: OneMachine,
    ledger: Ledger,
    delivered: dict[Destination, int],
    loaded: dict[str, int],
    found: tuple[list[Hit], int],
    seconds: dict[str, float],
) -> Summary:
    """Count the records of each stage."""
    kinesis, names = machine.client("kinesis"), machine.outputs["streams"]
    query, answer = machine.warehouse.first_query()
    enriched_good = list(streams.records(kinesis, names["enriched-good"]))
    return Summary(
        sent=dict(ledger.sent),
        collected=sum(1 for name in ("raw-good", "raw-bad") for _ in streams.records(kinesis, names[name])),
        enriched_good=len(enriched_good),
        enriched_bad=sum(1 for _ in streams.records(kinesis, names["enriched-bad"])),
        expected={name: ledger.expected[name] for name in DESTINATIONS},
        delivered={name: delivered[name] for name in DESTINATIONS},
        loaded=loaded,
        warehouse=str(machine.warehouse.folder),
        query=query,
        answer=answer,
        attributes=attributes(machine),
        places_searched=found[1],
        canaries=found[0],
        seconds=seconds,
        event=_one_event(machine, enriched_good),
    )


def attributes(machine: OneMachine) -> dict[str, int]:
    """Return how many attributes the functions' metrics count, by action."""
    total: Counter[str] = Counter()
    logs = machine.client("logs")
    for function in machine.outputs["pseudonymizers"].values():
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
        for line in (event["message"] for page in pages for event in page["events"]):
            if line.startswith('{"_aws"'):
                metrics = json.loads(line)
                total.update({name: metrics[name] for name in metrics if name.startswith("Attributes")})
    return dict(total)


def _one_event(machine: OneMachine, enriched_good: list[bytes]) -> dict[str, tuple[str, str]]:
    """Return the cells of a page view of the Python tracker that are not empty, before and after."""
    event_id, event, tracker = INDEX["event_id"], INDEX["event"], INDEX["name_tracker"]
    lines = (record.decode("utf-8", "replace").split("\t") for record in enriched_good)
    before = next(
        cells
        for cells in lines
        if len(cells) == len(COLUMNS) and cells[event] == "page_view" and cells[tracker] == NAMESPACE
    )
    delivered = (record.decode().split("\t") for record in machine.lake.records("output/"))
    after = next(cells for cells in delivered if cells[event_id] == before[event_id])
    return {
        column.name: (original, kept) for column, original, kept in zip(COLUMNS, before, after, strict=True) if original
    }


def show(summary: Summary, console: Console) -> None:
    """Print the summary as text."""
    console.print(_event_table(summary))
    console.print(_sums(summary))
    console.print(f"warehouse:  make warehouse-shell FOLDER={summary.warehouse}", markup=False, soft_wrap=True)
    console.print(f"  {summary.query}", markup=False, soft_wrap=True)
    for row in summary.answer:
        console.print("  " + ", ".join(map(str, row)), markup=False)
    console.print(
        "attributes: "
        + ", ".join(f"{name.removeprefix('Attributes').lower()} {count}" for name, count in summary.attributes.items())
    )
    console.print("seconds:    " + ", ".join(f"{name} {spent:.0f}" for name, spent in summary.seconds.items()))
    console.print(f"canaries:   {len(summary.canaries)} found in {summary.places_searched} places searched")
    for hit in summary.canaries[:20]:
        console.print(f"  {hit.place}: {hit.encoding}, sent as {hit.sent_as}", markup=False)
    verdict = "[green]adds up[/]" if summary.adds_up else "[red]does not add up[/]"
    console.print(f"sent {sum(summary.sent.values())} = delivered {sum(summary.delivered.values())}: {verdict}")


def _sums(summary: Summary) -> Table:
    table = Table("", "", "", box=None, show_header=False, padding=(0, 2, 0, 0))
    for client, events in summary.sent.items():
        table.add_row("sent", client, str(events))
    table.add_row("collected", "records on raw-good and raw-bad", str(summary.collected))
    table.add_row("enriched", "good", str(summary.enriched_good))
    table.add_row("", "bad", str(summary.enriched_bad))
    for destination, records in summary.delivered.items():
        table.add_row("delivered", f"{destination}/", f"{records} of {summary.expected[destination]}")
    for name, rows in summary.loaded.items():
        table.add_row("loaded", name, f"{rows} rows")
    return table


def _event_table(summary: Summary) -> Table:
    table = Table("column", "on the stream", "in the lake", box=None, padding=(0, 2, 0, 0))
    for column, (before, after) in summary.event.items():
        table.add_row(column, _short(before), "" if before == after else f"[green]{_short(after or '(erased)')}[/]")
    return table


def _short(text: str) -> str:
    return (text if len(text) <= 56 else f"{text[:55]}…").replace("[", r"\[")
