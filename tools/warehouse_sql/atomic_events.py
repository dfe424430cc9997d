"""`linked.atomic_events`: Snowplow's shape of the events table, for queries and packages written for their loaders.

One `unstruct_event_…` object and one `contexts_…` array for each schema family; each object carries `_schema_version`
as Snowplow's Streaming Loader writes it. Objects are put together as text, which keeps every value as it is.
"""

from __future__ import annotations

from tools.warehouse_sql.families import families
from tools.warehouse_sql.text import header
from wire.columns import COLUMNS, ColumnKind

_START = """create or replace view linked.atomic_events as
with entity as (
    select
        file_name,
        file_row,
        entity_source,
        entity_index,
        iff(entity_source = 'unstruct_event', 'unstruct_event_', 'contexts_') || case
{families}
        end as column_name,
        '{{"_schema_version":"' || split_part(schema_key, '/', 4) || '"'
        || iff(data::varchar = '{{}}', '}}', ',' || substr(data::varchar, 2)) as entity
    from linked.entities
    where startswith(data::varchar, '{{')
),
collected as (
    select
        file_name,
        file_row,
        column_name,
        '[' || listagg(entity, ',') within group (order by entity_source, entity_index) || ']' as entities
    from entity
    where column_name is not null
    group by file_name, file_row, column_name
),
shredded as (
    select
        file_name,
        file_row,
{columns}
    from collected
    group by file_name, file_row
)
select
{selected}
from linked.events e
left join shredded s on s.file_name = e.file_name and s.file_row = e.file_row;
"""


def atomic_events() -> str:
    """Return the view."""
    found = families()
    columns = [
        column
        for family in found
        for column in (
            (f"unstruct_event_{family.identifier}", "[0]"),
            (f"contexts_{family.identifier}", ""),
        )
    ]
    selected = [
        *(f"e.{column.name}" for column in COLUMNS if column.kind is not ColumnKind.JSON),
        "e.load_tstamp",
        *(f"s.{name}" for name, _ in columns),
    ]
    return header("Pseudonyms stand where the policy hides a value.") + _START.format(
        families="\n".join(
            f"            when startswith(schema_key, '{family.prefix}') then '{family.identifier}'" for family in found
        ),
        columns=",\n".join(
            f"        parse_json(max(iff(column_name = '{name}', entities, null))){item} as {name}"
            for name, item in columns
        ),
        selected=",\n".join(f"    {name}" for name in selected),
    )
