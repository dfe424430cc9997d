from __future__ import annotations

import re

import pytest
import yaml

from lambda_src.pseudonymizer.policy.policy import can_hold_pseudonym
from tools.warehouse_sql import __main__ as generator
from tools.warehouse_sql import marks
from tools.warehouse_sql.entity_views import column_name
from tools.warehouse_sql.families import families
from tools.warehouse_sql.grants import FILE
from tools.warehouse_sql.marks import Mark, linking_columns
from wire.columns import COLUMNS, ColumnKind


@pytest.mark.parametrize("name", generator.FILES)
def test_committed_file_is_what_the_generator_writes(name: str) -> None:
    committed = (marks.ROOT / name).read_text("utf-8")
    assert committed == generator.FILES[name](), "run: python -m tools.warehouse_sql"


def test_pipe_reads_every_column_from_its_own_cell() -> None:
    text = generator.FILES["warehouse/snowflake/V0005__events_pipe.sql"]()
    targets, select = re.findall(r"\((?:\n    |\n    select\n        )(.*?)\n(?:\)|    from)", text, re.DOTALL)
    values = re.split(r",\n {8}", select)
    names = [name.strip() for name in targets.split(",")]
    assert names[: len(COLUMNS)] == [column.name for column in COLUMNS]
    for number, (name, value) in enumerate(zip(names[: len(COLUMNS)], values, strict=False), 1):
        assert re.findall(r"\$(\d+)", value) == [str(number)], name


def test_column_that_can_hold_a_pseudonym_is_text() -> None:
    for column in COLUMNS:
        if marks.of_column(column.name) in (Mark.PSEUDONYM, Mark.SCHEMA) and can_hold_pseudonym(column):
            assert column.kind is ColumnKind.STRING, column.name


def test_property_of_a_pseudonym_is_never_cast_to_a_number() -> None:
    text = generator.FILES["warehouse/snowflake/R__20_entity_views.sql"]()
    for family in families():
        for each in family.properties.values():
            if each.mark is not Mark.CLEAR:
                assert f'(data:"{each.name}"' not in _view(text, family.identifier), (family.identifier, each.name)


def test_erased_property_has_no_column() -> None:
    text = generator.FILES["warehouse/snowflake/R__20_entity_views.sql"]()
    for family in families():
        for each in family.properties.values():
            assert (f'data:"{each.name}"' in _view(text, family.identifier)) == (each.mark is not Mark.ERASED)


def test_analysts_views_leave_out_what_follows_a_person() -> None:
    text = generator.FILES["warehouse/snowflake/R__10_events.sql"]()
    analysts = text[text.index("create or replace view events.events") :]
    for name in (*linking_columns(), "contexts", "unstruct_event", "derived_contexts"):
        assert not re.search(rf"\b{name}\b", analysts), name


def test_analysts_typed_views_leave_out_what_follows_a_person() -> None:
    text = generator.FILES["warehouse/snowflake/R__20_entity_views.sql"]()
    found = {each.name for family in families() for each in family.properties.values() if each.links}
    assert {"user_id", "userId", "sessionId", "domain_user_id"} <= found
    for family in families():
        analysts = text[text.index(f"view events.{family.identifier} as") :].partition(";\n")[0]
        for each in family.properties.values():
            shown = re.search(rf"^    {column_name(each)},?$", analysts, re.MULTILINE) is not None
            assert shown == (not each.links and each.mark is not Mark.ERASED), (family.identifier, each.name)


def _view(text: str, name: str) -> str:
    return text[text.index(f"view linked.{name} (") :].partition(";\n")[0]


def _reach(role: str) -> set[str]:
    data = yaml.safe_load(FILE.read_text())
    return {
        each
        for grant in data["grants"]
        if grant["role"] == role and set(grant["privileges"]) & {"select", "ownership", "all"}
        for each in grant["objects"]
    }


def _schemas(objects: set[str]) -> set[str]:
    return {re.split(r"[ .]", each)[3 if each.startswith("all ") else 1] for each in objects}


@pytest.mark.parametrize(
    ("role", "schemas"),
    [
        ("snowplow_loader", set()),
        ("snowplow_analyst", {"events", "ops"}),
        ("snowplow_monitor", {"ops"}),
        ("snowplow_transformer", {"snowplow", "linked", "events", "ops"}),
        ("snowplow_privacy", {"snowplow", "linked", "events", "ops"}),
    ],
)
def test_role_reads_no_other_schema(role: str, schemas: set[str]) -> None:
    assert _schemas(_reach(role)) == schemas


def test_every_role_is_tested_above_and_only_privacy_reaches_raw_bad_events() -> None:
    roles = set(yaml.safe_load(FILE.read_text())["roles"])
    assert roles == {
        "snowplow_loader", "snowplow_transformer", "snowplow_analyst", "snowplow_privacy", "snowplow_monitor"
    }  # fmt: skip
    reaching = {role for role in roles if _reach(role) & {"all tables in snowplow", "table snowplow.gitlab_bad_events"}}
    assert reaching == {"snowplow_privacy"}
