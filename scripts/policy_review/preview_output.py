"""Previews for a terminal, for machines, and as a page."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from lambda_src.pseudonymizer.pseudonym import LENGTH
from scripts.policy_review.attributes import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from scripts.policy_review.attributes import Attribute
    from scripts.policy_review.preview import Preview

_PSEUDONYM = re.compile(rf"(?<![0-9a-f])[0-9a-f]{{{LENGTH}}}(?![0-9a-f])")
_SHOWN_OF_A_PSEUDONYM = 8
_LONGEST = 400
_COLOURS = {
    Outcome.VISIBLE: "red",
    Outcome.PARTLY: "yellow",
    Outcome.HIDDEN: "green",
    Outcome.ERASED: "bright_black",
    Outcome.ADDED: "cyan",
}
_STYLE = """
:root{color-scheme:light dark;--line:#8884;--dim:#777}
body{font:15px/1.45 system-ui,sans-serif;max-width:78rem;margin:2rem auto;padding:0 1rem}
h2{margin:2.5rem 0 .3rem;font-size:1.1rem}p{margin:.3rem 0 1rem;color:var(--dim)}
table{border-collapse:collapse;width:100%;table-layout:fixed}
th{text-align:left;font-weight:600;border-bottom:2px solid var(--line);padding:.35rem .6rem}
td{border-bottom:1px solid var(--line);padding:.35rem .6rem;vertical-align:top;overflow-wrap:anywhere}
td:nth-child(2),td:nth-child(3){font:13px/1.5 ui-monospace,monospace}
small{display:block;color:var(--dim)}
.outcome{width:8.5rem}.where{width:27%}
td:last-child{font-weight:600}
.visible td:last-child{color:#b3261e}.partly td:last-child{color:#9a6700}.hidden td:last-child{color:#1a7f37}
.erased td:last-child,.added td:last-child{color:var(--dim)}
@media(prefers-color-scheme:dark){.visible td:last-child{color:#ff8a80}.partly td:last-child{color:#e3b341}
.hidden td:last-child{color:#56d364}}
"""


def printable(text: str) -> str:
    """Return text that is safe on a terminal and in a page: control and direction characters become escapes."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def shortened(text: str) -> str:
    """Return `text` for people: pseudonyms and long texts are cut, which an ellipsis says."""
    text = _PSEUDONYM.sub(lambda match: f"{match[0][:_SHOWN_OF_A_PSEUDONYM]}…", text)
    return printable(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def worth_showing(preview: Preview) -> list[Attribute]:
    """Return the attributes without names that are shown: they stand with their values already."""
    return [each for each in preview.attributes if not each.where.is_name or each.outcome is not Outcome.VISIBLE]


def summary(preview: Preview) -> str:
    """Return how many attributes became what, or why the event is not delivered."""
    if preview.reason is not None:
        return f"not delivered: it goes to the quarantine as {preview.reason}"
    counts = Counter(each.outcome for each in worth_showing(preview))
    return ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]) or "no attributes"


def to_terminal(previews: Iterable[Preview], console: Console) -> None:
    """Print one table per event."""
    for preview in previews:
        console.print(Text(f"Line {preview.number} ({_kind(preview)}): {summary(preview)}", style="bold"))
        if preview.reason is not None:
            continue
        table = Table(box=box.SIMPLE, pad_edge=False)
        table.add_column("attribute", ratio=3, overflow="fold")
        table.add_column("before", ratio=4, overflow="fold")
        table.add_column("after", ratio=4, overflow="fold")
        table.add_column("", no_wrap=True)
        for each in worth_showing(preview):
            where, before, after = (
                Text(shortened(text)) for text in (str(each.where), each.before, each.after)
            )  # fmt: skip
            table.add_row(where, before, after, Text(each.outcome, style=_COLOURS[each.outcome]))
        console.print(table)


def to_json(preview: Preview) -> str:
    """Return one line for machines; `after` is the transform's output as it is."""
    return json.dumps(
        {
            "line": preview.number,
            "delivery": preview.delivery,
            "after": preview.after,
            "quarantined": preview.reason,
            "attributes": [
                {"attribute": str(each.where), "before": each.before, "after": each.after, "outcome": each.outcome}
                for each in preview.attributes
            ],
        }
    )


def to_page(previews: Iterable[Preview], policy_name: str) -> str:
    """Return one HTML page that loads nothing and runs nothing."""
    sections = "".join(map(_section, previews))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>What the policy shows</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>
<h1>What the policy shows</h1>
<p>Events before and after the pseudonymizer under {_escaped(policy_name)}, with a key that was thrown away.
This page holds the values as they were before: treat it like the events.</p>
{sections}</body></html>
"""


def _section(preview: Preview) -> str:
    title = f"<h2>Line {preview.number}: {_kind(preview)}</h2><p>{_escaped(summary(preview))}</p>"
    if preview.reason is not None:
        return title
    rows = "".join(map(_row, worth_showing(preview)))
    heads = '<th class="where">Attribute</th><th>Before</th><th>After</th><th class="outcome">Outcome</th>'
    return f"{title}<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>\n"


def _row(each: Attribute) -> str:
    within = f"<small>{_escaped(shortened(each.where.within))}</small>" if each.where.within else ""
    where = f"<td>{_escaped(shortened(each.where.last))}{within}</td>"
    cells = (each.before, each.after, each.outcome)
    inside = where + "".join(f"<td>{_escaped(shortened(text))}</td>" for text in cells)
    return f'<tr class="{each.outcome.partition(" ")[0]}">{inside}</tr>'


def _kind(preview: Preview) -> str:
    return "enriched event" if preview.delivery == "output" else "failed event"


def _escaped(text: str) -> str:
    return html.escape(text, quote=True)
