"""Bars as SVG: good below, bad on top. A table or the bars' titles say the same in text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

WIDTH, HEIGHT = 720, 160


def bars(name: str, title: str, columns: Sequence[tuple[str, int, int]], marked: Collection[str] = ()) -> str:
    """Return stacked bars; a column is its label, good and bad events. `marked` labels get a line and a sign."""
    highest = max((good + bad for _, good, bad in columns), default=0) or 1
    step = WIDTH / max(len(columns), 1)
    parts = []
    for place, (label, good, bad) in enumerate(columns):
        x, width = place * step + step * 0.1, step * 0.8
        tall, top = HEIGHT * good / highest, HEIGHT * bad / highest
        parts.append(
            f"<g><title>{label}: {good:,} good, {bad:,} bad</title>"
            f'<rect class="good" x="{x:.1f}" width="{width:.1f}" y="{HEIGHT - tall:.1f}" height="{tall:.1f}"/>'
            f'<rect class="bad" x="{x:.1f}" width="{width:.1f}" y="{HEIGHT - tall - top:.1f}" height="{top:.1f}"/></g>'
        )
        if label in marked:
            middle = x + width / 2
            parts.append(f'<path class="mark" d="M{middle:.1f} -14l5 8h-10z"><title>{label}: new policy</title></path>')
    first, last = (columns[0][0], columns[-1][0]) if columns else ("", "")
    return (
        f'<figure><figcaption>{title}. Highest: <b id="{name}-highest">{highest if columns else 0:,}</b></figcaption>'
        f'<svg id="{name}" role="img" aria-label="{title}" viewBox="0 -16 {WIDTH} {HEIGHT + 18}" '
        f'preserveAspectRatio="none">{"".join(parts)}<path class="axis" d="M0 {HEIGHT}h{WIDTH}"/></svg>'
        f'<div class="ends"><span>{first}</span><span>{last}</span></div></figure>'
    )
