"""Two views that look for what must not be there: identities in readable text, and pseudonyms that are none."""

from __future__ import annotations

from tools.warehouse_sql.marks import Mark, of_column
from tools.warehouse_sql.text import header
from wire.columns import COLUMNS, ColumnKind

# An e-mail address; four numbers of an IPv4 address that no longer version or path surrounds.
_IDENTITY = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+[.][A-Za-z]{2,}|(^|[^0-9.])([0-9]{1,3}[.]){3}[0-9]{1,3}($|[^0-9.])"
_PSEUDONYM = "^[0-9a-f]{64}$"


def privacy_views() -> str:
    """Return both views; each has one row with the count of rows found."""
    texts = [column.name for column in COLUMNS if column.kind in (ColumnKind.STRING, ColumnKind.JSON)]
    pseudonyms = [column.name for column in COLUMNS if of_column(column.name) is Mark.PSEUDONYM]
    identities = " or\n    ".join(f"regexp_instr({name}::varchar, '{_IDENTITY}') > 0" for name in texts)
    malformed = " or\n    ".join(f"not regexp_like({name}, '{_PSEUDONYM}')" for name in pseudonyms)
    return (
        header("Zero rows found is what the pseudonymizer promises; the warehouse proves it.")
        + "create or replace view ops.readable_identities as\nselect count(*) as rows_found\n"
        + f"from snowplow.gitlab_events\nwhere\n    {identities};\n\n"
        + "create or replace view ops.malformed_pseudonyms as\nselect count(*) as rows_found\n"
        + f"from snowplow.gitlab_events\nwhere\n    {malformed};\n"
    )
