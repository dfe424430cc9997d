"""`gitlab_events`: the table of the 131 columns, and the pipe that fills it.

Types by `wire/columns.py`. No conversion of the pipe can fail: a cell that does not read as its column's type becomes
null and is counted in `unread_cells`, so that neither the row nor its object is lost (Snowflake's ON_ERROR would drop
one or the other). `$n` beyond the last cell of a line is null; a line has too many cells when `$132` is not null.
"""

from __future__ import annotations

from tools.warehouse_sql.text import comment, header
from wire.columns import COLUMNS, Column, ColumnKind

_TYPES = {
    ColumnKind.STRING: "varchar",
    ColumnKind.TIMESTAMP: "timestamp_ntz(3)",
    ColumnKind.INTEGER: "number(10, 0)",
    ColumnKind.DECIMAL: "number(38, 6)",
    ColumnKind.FLOAT: "float",
    ColumnKind.BYTE: "boolean",
    ColumnKind.JSON: "variant",
}
_READERS = {
    ColumnKind.STRING: "{cell}",
    ColumnKind.TIMESTAMP: "try_to_timestamp_ntz({cell})",
    ColumnKind.INTEGER: "try_to_number({cell}, 10, 0)",
    ColumnKind.DECIMAL: "try_to_number({cell}, 38, 6)",
    ColumnKind.FLOAT: "try_to_double({cell})",
    ColumnKind.BYTE: "try_to_boolean({cell})",
    ColumnKind.JSON: "try_parse_json({cell})",
}

# Column, type, what it holds, and what the pipe writes into it.
LOAD_COLUMNS = (
    ("load_tstamp", "timestamp_ntz(3)", "when the object was loaded", "metadata$start_scan_time"),
    ("file_name", "varchar", "the object's key in the lake", "metadata$filename"),
    ("file_row", "number(38, 0)", "the line in the object, from 1", "metadata$file_row_number"),
    ("file_modified", "timestamp_ntz(3)", "when the object was written", "metadata$file_last_modified"),
)
UNREAD_CELLS = "unread_cells"


def events_table() -> str:
    """Return the migration that creates `gitlab_events`."""
    names = [*(column.name for column in COLUMNS), *(name for name, *_ in LOAD_COLUMNS), UNREAD_CELLS]
    width = max(map(len, names))
    lines = [
        # What the policy does with a column stands in the views, which follow it; a version stays as it was applied.
        *(f"    {column.name.ljust(width)} {_TYPES[column.kind]}" for column in COLUMNS),
        *(_definition(name, kind, what, width) for name, kind, what, _ in LOAD_COLUMNS),
        _definition(UNREAD_CELLS, "number(4, 0)", "cells that did not read as their type, and cells too many", width),
    ]
    return (
        header("One row for each delivered line of output/.")
        + "create table snowplow.gitlab_events (\n"
        + ",\n".join(lines)
        + "\n)\ncluster by (to_date(load_tstamp), app_id)\n"
        + "data_retention_time_in_days = 1;\n"
    )


def events_pipe() -> str:
    """Return the migration that creates the pipe of `gitlab_events`."""
    cells = [f"${number}" for number in range(1, len(COLUMNS) + 1)]
    reads = [_READERS[column.kind].format(cell=cell) for column, cell in zip(COLUMNS, cells, strict=True)]
    unread = [
        f"iff({cell} is not null and {read} is null, 1, 0)"
        for cell, read in zip(cells, reads, strict=True)
        if cell != read
    ]
    unread.append(f"iff(${len(COLUMNS) + 1} is not null, 1, 0)")
    targets = [*(column.name for column in COLUMNS), *(name for name, *_ in LOAD_COLUMNS), UNREAD_CELLS]
    values = [*reads, *(value for *_, value in LOAD_COLUMNS), "\n            + ".join(unread)]
    return (
        header('To change a pipe: docs/warehouse.md, "Change a pipe".')
        + "create pipe snowplow.gitlab_events_pipe\n    auto_ingest = true\n    as\n"
        + "copy into snowplow.gitlab_events (\n    "
        + ",\n    ".join(targets)
        + "\n)\nfrom (\n    select\n        "
        + ",\n        ".join(values)
        + "\n    from @snowplow.gitlab_events_stage\n)\n"
        + "file_format = (format_name = 'snowplow.enriched_tsv')\non_error = continue;\n"
    )


def sql_type(column: Column) -> str:
    """Return the type of one of the 131 columns."""
    return _TYPES[column.kind]


def _definition(name: str, kind: str, what: str, width: int) -> str:
    return f"    {name.ljust(width)} {kind} {comment(what)}"
