"""HTML by hand: every text of the warehouse goes through `shown`."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NOTHING = "\N{EN DASH}"
NOT_MEASURED = '<span class="unknown">not measured</span>'


def shown(text: str) -> str:
    """Return a text that is neither markup nor able to turn its neighbours' direction."""
    return f"<bdi>{html.escape(text, quote=True)}</bdi>" if text else f'<span class="unknown">{NOTHING}</span>'


def plain(text: str) -> str:
    """Return a text for a place that takes no element."""
    return shown(text).removeprefix("<bdi>").removesuffix("</bdi>")


def number(count: int | None) -> str:
    """Return a count; None is one to four."""
    return "&lt; 5" if count is None else f"{count:,}"


def summed(count: int | None) -> str:
    """Return a sum of cells; None is at least one cell, each of one to four."""
    return "&lt; 5 each" if count is None else f"{count:,}"


def date(day: object) -> str:
    """Return a day that is not broken at its hyphens."""
    return f"<time>{day}</time>"


def share(part: int | None, whole: int | None) -> str:
    """Return a percentage; nothing where one of the two is hidden or nothing is there."""
    return NOTHING if part is None or not whole else f"{100 * part / whole:.2f} %"


def table(name: str, caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]], numeric: str = "") -> str:
    """Return a table that scrolls alone; cells are HTML, `numeric` holds an `n` for each column of numbers."""
    kinds = [' class="n"' if mark == "n" else "" for mark in numeric.ljust(len(columns))]
    head = "".join(f'<th scope="col"{kind}>{column}</th>' for column, kind in zip(columns, kinds, strict=True))
    lines = []
    for first, *others in rows:
        cells = "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(others, kinds[1:], strict=True))
        lines.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    body = "\n".join(lines) or f'<tr><td colspan="{len(columns)}">nothing yet</td></tr>'
    return (
        f'<div class="frame" tabindex="0" role="region" aria-label="{caption}"><table id="{name}">'
        f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
