"""Write the generated migrations, or check that they are what the columns, the schemas and the policy give.

Examples:
  python -m tools.warehouse_sql
  python -m tools.warehouse_sql --check

Exit code 0: written, or equal. 1: a committed file differs; the line names it and the command that mends it.

"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from tools.warehouse_sql.atomic_events import atomic_events
from tools.warehouse_sql.entity_views import entity_views
from tools.warehouse_sql.event_views import events_views
from tools.warehouse_sql.grants import grants
from tools.warehouse_sql.marks import ROOT
from tools.warehouse_sql.privacy_views import privacy_views
from tools.warehouse_sql.raw_tables import events_pipe, events_table
from tools.warehouse_sql.reference import reference
from tools.warehouse_sql.text import COMMAND

if TYPE_CHECKING:
    from collections.abc import Callable

FILES: dict[str, Callable[[], str]] = {
    "docs/reference/warehouse.md": reference,
    "warehouse/snowflake/V0002__events_table.sql": events_table,
    "warehouse/snowflake/V0005__events_pipe.sql": events_pipe,
    "warehouse/snowflake/R__10_events.sql": events_views,
    "warehouse/snowflake/R__20_entity_views.sql": entity_views,
    "warehouse/snowflake/R__30_atomic_events.sql": atomic_events,
    "warehouse/snowflake/R__50_privacy.sql": privacy_views,
    "warehouse/snowflake/R__80_grants.sql": grants,
}


def main() -> int:
    """Write or check every generated file."""
    parser = argparse.ArgumentParser(
        prog=COMMAND, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a file differs")
    check: bool = parser.parse_args().check
    stale = [name for name, generate in FILES.items() if _text(name) != generate()]
    for name in stale:
        if check:
            print(f"{name} is not what the generator writes: run {COMMAND}", file=sys.stderr)
        else:
            (ROOT / name).write_text(FILES[name](), "utf-8")
            print(f"wrote {name}")
    return 1 if check and stale else 0


def _text(name: str) -> str:
    path = ROOT / name
    return path.read_text("utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
