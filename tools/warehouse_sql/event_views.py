"""`linked.events`, the earliest copy of each event, and `events.events`, the part of it that every analyst reads."""

from __future__ import annotations

from tools.warehouse_sql.marks import Mark, linking_columns, of_column
from tools.warehouse_sql.raw_tables import LOAD_COLUMNS
from tools.warehouse_sql.text import comment, header
from wire.columns import COLUMNS, ColumnKind

# The fingerprint is part of the key: the same id with other contents is another event, and a tracker's fault that
# ops.quality counts.
_EARLIEST = """qualify row_number() over (
    partition by event_id, event_fingerprint
    order by collector_tstamp, load_tstamp, file_name, file_row
) = 1"""

_NOT_ERASED = "not exists (select 1 from ops.tombstones t where t.pseudonym = {})"


def shown_columns() -> list[str]:
    """Return the columns every analyst reads: not the erased, not those that follow a person, not the JSON columns.

    What the JSON columns hold is in the typed views, without what follows a person.
    """
    return [
        column.name
        for column in COLUMNS
        if of_column(column.name) is not Mark.ERASED
        and column.name not in linking_columns()
        and column.kind is not ColumnKind.JSON
    ]


def events_views() -> str:
    """Return the views of whole events."""
    load = [name for name, *_ in LOAD_COLUMNS]
    erased_people = "\n".join(f"    and {_NOT_ERASED.format(name)}" for name in sorted(linking_columns()))
    return (
        header("Firehose and Kinesis deliver at least once: the earliest copy of an event is the event.")
        + "create or replace view linked.events (\n    "
        + ",\n    ".join([*(f"{column.name} {comment(_meaning(column.name))}" for column in COLUMNS), *load])
        + "\n) as\nselect\n    "
        + ",\n    ".join([*(column.name for column in COLUMNS), *load])
        + f"\nfrom snowplow.gitlab_events\nwhere event_id is not null\n{erased_people}\n{_EARLIEST};\n\n"
        + "create or replace view events.events as\nselect\n    "
        + ",\n    ".join([*shown_columns(), *load])
        + "\nfrom linked.events;\n"
    )


def _meaning(name: str) -> str:
    linking = ", follows a person or a device" if name in linking_columns() else ""
    return of_column(name).value + linking
