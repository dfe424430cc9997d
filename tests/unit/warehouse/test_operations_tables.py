"""The places where operations write: who was erased, and which pseudonym a person had before a rotation of the key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.snowflake_warehouse import embedded
from tools.warehouse_sql.marks import linking_columns

if TYPE_CHECKING:
    from pathlib import Path


def _ask(folder: Path, statements: list[str], query: str) -> list[tuple[object, ...]]:
    with embedded.connect(folder) as cursor:
        for statement in statements:
            cursor.execute(statement)
        return list(cursor.execute(query).fetchall())


def test_event_of_an_erased_person_is_in_no_view_whatever_column_names_the_person(warehouse: Path) -> None:
    events = [
        f"insert into snowplow.gitlab_events (event_id, {column}) values ('{number:08d}', 'pseudonym of {column}')"  # noqa: S608  # our own names
        for number, column in enumerate(sorted(linking_columns()))
    ]
    neighbour = "insert into snowplow.gitlab_events (event_id, user_id) values ('neighbour', 'another person')"
    erased = [
        f"insert into ops.tombstones (domain, key_id, pseudonym) values ('any', 'k1', 'pseudonym of {column}')"  # noqa: S608  # our own names
        for column in sorted(linking_columns())
    ]
    query = "select count(*) from linked.events union all select count(*) from events.events"
    everyone = len(events) + 1
    assert _ask(warehouse, [*events, neighbour], query) == [(everyone,), (everyone,)]
    assert _ask(warehouse, erased, query) == [(1,), (1,)]


def test_pseudonym_of_any_epoch_leads_to_the_latest(warehouse: Path) -> None:
    mapping = [("user", "k1", "a1", "k2", "a2"), ("user", "k2", "a2", "k3", "a3"), ("device", "k1", "a1", "k2", "b2")]
    found = _ask(
        warehouse,
        [f"insert into ops.pseudonym_epochs values {row}" for row in mapping],  # noqa: S608  # the rows above
        "select domain, key_id, pseudonym, latest_key_id, latest_pseudonym from linked.latest_pseudonyms order by 1, 2",
    )
    assert found == [
        ("device", "k1", "a1", "k2", "b2"),
        ("user", "k1", "a1", "k3", "a3"),
        ("user", "k2", "a2", "k3", "a3"),
    ]


def test_mapping_that_leads_back_to_itself_ends(warehouse: Path) -> None:
    loop = ["insert into ops.pseudonym_epochs values ('user', 'k1', 'a', 'k1', 'a')"]
    assert _ask(warehouse, loop, "select count(*) from linked.latest_pseudonyms") == [(1,)]
