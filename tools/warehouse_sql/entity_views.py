"""A typed view for each schema family: one row for each entity or self-describing event.

The policy decides a column's type, not the schema alone: a number that is pseudonymized is text. No conversion can
fail a query: a value that is not of its type is null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.warehouse_sql.families import families
from tools.warehouse_sql.marks import Mark
from tools.warehouse_sql.text import comment, header, identifier

if TYPE_CHECKING:
    from tools.warehouse_sql.families import Family, Property

# Of which event, where in it, and by which version of the schema.
_KEYS = ("event_id", "collector_tstamp", "load_tstamp", "entity_source", "entity_index", "schema_version")

_ENTITIES = """create or replace view linked.entities as
select
    event_id, file_name, file_row, collector_tstamp, load_tstamp,
    'contexts' as entity_source, f.index as entity_index,
    f.value:schema::varchar as schema_key, f.value:data as data
from linked.events, lateral flatten(input => contexts:data) f
union all
select
    event_id, file_name, file_row, collector_tstamp, load_tstamp,
    'derived_contexts' as entity_source, f.index as entity_index,
    f.value:schema::varchar as schema_key, f.value:data as data
from linked.events, lateral flatten(input => derived_contexts:data) f
union all
select
    event_id, file_name, file_row, collector_tstamp, load_tstamp,
    'unstruct_event' as entity_source, 0 as entity_index,
    unstruct_event:data:schema::varchar as schema_key, unstruct_event:data:data as data
from linked.events
where unstruct_event is not null;
"""


def entity_views() -> str:
    """Return `linked.entities` and the view of each family."""
    return (
        header("Each column's comment says whether it holds clear values or pseudonyms.")
        + _ENTITIES
        + "".join("\n" + _views(family) for family in families())
    )


def readable(family: Family) -> list[Property]:
    """Return the properties that have a column: all but the erased ones."""
    return [each for each in family.properties.values() if each.mark is not Mark.ERASED]


def column_name(each: Property) -> str:
    """Return a property's column name, which is never one of the view's own."""
    name = identifier(each.name)
    return f"{name}_property" if name in _KEYS else name


def expression(each: Property) -> str:
    """Return the SQL that reads a property out of `data` as its type."""
    path = f'data:"{each.name}"'
    if each.mark is Mark.NESTED or each.types & {"array", "object"} or not each.types:
        return path
    text = f"{path}::varchar"
    if each.mark is not Mark.CLEAR or len(each.types) > 1:
        return text
    (kind,) = each.types
    if kind == "integer":
        return f"try_to_number({text}, 38, 0)"
    if kind == "number":
        return f"try_to_double({text})"
    if kind == "boolean":
        return f"try_to_boolean({text})"
    if each.format == "date-time":
        return f"try_to_timestamp_ntz({text})"
    return text


def _views(family: Family) -> str:
    """Return a family's whole view, and what of it every analyst reads."""
    whole = [(name, "", name) for name in _KEYS[:-1]]
    whole.append((_KEYS[-1], "", "split_part(schema_key, '/', 4)"))
    shown = [name for name, _, _ in whole]
    for each in readable(family):
        what = each.mark.value + (f": {each.description}" if each.description else "")
        whole.append((column_name(each), " " + comment(what), expression(each)))
        if not each.links:
            shown.append(column_name(each))
    named = ",\n    ".join(name + what for name, what, _ in whole)
    selected = ",\n    ".join(f"{text} as {name}" if text != name else name for name, _, text in whole)
    return (
        f"create or replace view linked.{family.identifier} (\n    {named}\n) as\nselect\n    {selected}\n"
        f"from linked.entities\nwhere startswith(schema_key, '{family.prefix}');\n"
        f"create or replace view events.{family.identifier} as\nselect\n    "
        + ",\n    ".join(shown)
        + f"\nfrom linked.{family.identifier};\n"
    )
