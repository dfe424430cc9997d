"""What a sender's text may be: how long a column's, in UTF-16 code units, and how deep a JSON.

Enrich fails an event that is over a limit, and truncates nothing.
"""

from collections.abc import Mapping

from services.enricher.support.values import values_of
from services.enricher.text import exact_json
from wire.columns import COLUMNS, INDEX

COLUMN_LIMITS = {column.name: column.max_length for column in COLUMNS if column.max_length}
# What an event writes into the columns of one line is mostly shorter than the least of their limits, and then one look
# at them together is enough. All other columns are together too: few events fill any of them.
_OFTEN_FILLED = [
    line.split()
    for line in """
    page_urlscheme refr_urlscheme br_colordepth
    event_id
    refr_medium refr_source
    v_tracker v_collector v_etl
    domain_userid domain_sessionid network_userid doc_charset
    event event_format event_version event_fingerprint name_tracker user_ipaddress
    app_id platform user_id br_lang os_timezone page_urlhost refr_urlhost
    useragent page_title event_vendor event_name se_category se_action se_label se_property page_url page_referrer \
    page_urlpath page_urlquery page_urlfragment refr_urlpath refr_urlquery refr_urlfragment
    """.strip().splitlines()
]


class Limits:
    """The limits that hold; `columns` has those that differ from Enrich's.

    With `accept_invalid` an event with an over-long column is enriched like any other, and counted.
    """

    def __init__(
        self,
        columns: Mapping[str, int] | None = None,
        *,
        max_json_depth: int = exact_json.MAX_DEPTH,
        accept_invalid: bool = False,
    ) -> None:
        of_columns = {**COLUMN_LIMITS, **(columns or {})}
        seldom = of_columns.keys() - {name for names in _OFTEN_FILLED for name in names}
        bands = [[(INDEX[name], name, of_columns[name]) for name in names] for names in (*_OFTEN_FILLED, seldom)]
        self.max_json_depth = max_json_depth
        self.accept_invalid = accept_invalid
        self._columns = of_columns
        self._bands = [
            (values_of([position for position, _, _ in band]), min(limit for _, _, limit in band), band)
            for band in bands
        ]

    def too_long(self, cells: list[str]) -> dict[str, int]:
        """Return each over-long column with its limit, in the columns' order."""
        found: set[str] = set()
        for texts, least, band in self._bands:
            length = len(together := "".join(texts(cells)))
            # No character has more than two code units.
            if length > least or (length + length > least and not together.isascii()):
                for position, name, limit in band:
                    cell = cells[position]
                    if len(cell) > limit or (not cell.isascii() and _units(cell) > limit):
                        found.add(name)
        return {name: limit for name, limit in self._columns.items() if name in found} if found else {}


SNOWPLOW_DEFAULTS = Limits()


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
