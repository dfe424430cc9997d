"""The page: panels in the order in which a reader asks; style and script are in it, named by hash in its policy."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.summary_page import panels, traffic
from scripts.summary_page.markup import shown

if TYPE_CHECKING:
    from scripts.summary_page.cube import Cube

_HERE = Path(__file__).parent


def render(cube: Cube) -> str:
    """Return the whole file."""
    style, script = (_HERE / "page.css").read_text(), (_HERE / "page.js").read_text()
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; "
        "form-action 'none'"
    )
    # In a script element only `<` can end the data or open a comment.
    data = json.dumps(traffic.series(cube), separators=(",", ":")).replace("<", "\\u003c")
    body = "\n".join(
        [
            f"<header><h1>Snowveil: {shown(cube.environment)}</h1>{panels.head(cube)}</header>",
            f"<main>{traffic.totals(cube)}{traffic.by_time(cube)}{traffic.filters(cube)}{traffic.tables(cube)}",
            f"{panels.errors(cube)}{panels.pipeline(cube)}{panels.privacy(cube)}{panels.objectives(cube)}</main>",
        ]
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>Snowveil summary</title><style>{style}</style></head>\n<body>{body}"
        f'<script type="application/json" id="data">{data}</script><script>{script}</script></body></html>\n'
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
