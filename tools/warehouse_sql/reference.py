"""`docs/reference/warehouse.md`: every typed view with its columns, from the schemas and the policy."""

from __future__ import annotations

from tools.warehouse_sql.entity_views import column_name, readable
from tools.warehouse_sql.families import families
from tools.warehouse_sql.marks import linking_columns, of_column
from tools.warehouse_sql.raw_tables import LOAD_COLUMNS, sql_type
from tools.warehouse_sql.text import COMMAND
from wire.columns import COLUMNS

_START = f"""# Warehouse: tables and views

Written by `{COMMAND}` from the columns, the schemas and the policy. How to use it: [warehouse](../warehouse.md).

"Follows a person" is in the schema `linked` only; everything else is in `events` too, except erased columns and JSON.

## Columns of an event

`linked.events`, `events.events`, `snowplow.gitlab_events`.

| column | type | holds | follows a person or device |
|---|---|---|---|
"""
_ENTITIES = """
## Typed views

One row for each entity or self-describing event, in `linked` and `events`. Each begins with `event_id`,
`collector_tstamp`, `load_tstamp`, `entity_source`, `entity_index`, `schema_version`.
"""


def reference() -> str:
    """Return the page."""
    rows = [
        _row(each.name, sql_type(each), of_column(each.name).value, links=each.name in linking_columns())
        for each in COLUMNS
    ]
    rows += [_row(name, kind, what, links=False) for name, kind, what, _ in LOAD_COLUMNS]
    text = _START + "\n".join(rows) + "\n" + _ENTITIES
    for family in families():
        text += f"\n### `{family.identifier}`\n\n"
        columns = readable(family)
        if columns:
            text += "| column | holds | follows a person or device |\n|---|---|---|\n"
            text += "".join(
                f"| `{column_name(each)}` | {each.mark.value} | {'yes' if each.links else ''} |\n" for each in columns
            )
        else:
            text += "No further column: the policy shows none of its properties.\n"
    return text


def _row(name: str, kind: str, holds: str, *, links: bool) -> str:
    return f"| `{name}` | {kind} | {holds} | {'yes' if links else ''} |"
