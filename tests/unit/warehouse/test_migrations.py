from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import sqlfluff

from scripts.snowflake_warehouse import embedded, migrations
from scripts.snowflake_warehouse.migrations import FOLDER, MigrationError

if TYPE_CHECKING:
    from pathlib import Path


def _apply(folder: Path, source: Path, **values: str) -> list[str]:
    with embedded.connect(folder) as cursor:
        found = migrations.pending(cursor, migrations.read(values, source))
        for each in found:
            migrations.apply(cursor, each, embedded.SKIPPED_KINDS, lambda _: None)
        return [each.migration.name for each in found]


def _rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with embedded.reader(folder) as database:
        return database.execute(query).fetchall()


def test_statement_that_the_embedded_warehouse_skips_parses_as_snowflake_sql() -> None:
    # What it runs, the other tests run; a right is like the next, so that one of each form is enough of them.
    seen = set()
    for migration in migrations.read(embedded.VALUES):
        for statement in migration.statements:
            form = re.sub(r"(?<=on ).*", "", statement.text) if statement.kind == "grant" else statement.text
            if statement.kind in embedded.SKIPPED_KINDS and form not in seen:
                seen.add(form)
                sqlfluff.parse(statement.text + ";", dialect="snowflake")
    assert len(seen) > 15


def test_misspelt_statement_does_not_parse() -> None:
    with pytest.raises(sqlfluff.api.APIParsingError):
        sqlfluff.parse("create pip p as copy into t from @s;", dialect="snowflake")


def test_second_run_has_nothing_to_do(warehouse: Path) -> None:
    assert _apply(warehouse, FOLDER, **embedded.VALUES) == []


def test_looking_at_what_is_pending_changes_nothing(tmp_path: Path) -> None:
    with embedded.connect(tmp_path) as cursor:
        assert migrations.pending(cursor, migrations.read(embedded.VALUES))
        cursor.execute("select count(*) from information_schema.schemata where schema_name = 'SNOWPLOW'")
        assert cursor.fetchall()[0][0] == 0


def test_repeatable_runs_again_when_it_changed_and_versions_do_not(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "V0001__one.sql").write_text("create schema s; create table s.t (a varchar);")
    view = source / "R__view.sql"
    view.write_text("create or replace view s.v as select a from s.t;")
    assert _apply(tmp_path / "w", source) == ["V0001__one.sql", "R__view.sql"]
    view.write_text("create or replace view s.v as select a, 1 as b from s.t;")
    assert _apply(tmp_path / "w", source) == ["R__view.sql"]
    assert _rows(tmp_path / "w", "select b from s.v") == []


def test_failing_migration_goes_on_at_its_failing_statement_after_it_was_mended(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "V0001__one.sql").write_text("create schema s;")
    broken = source / "V0002__two.sql"
    broken.write_text(
        "create table s.t (a varchar); create table s.u as select * from s.missing; create table s.w (a int);"
    )
    with pytest.raises(MigrationError, match=r"V0002__two.sql: statement 2 \(table\) failed: .*the 1 before it stay"):
        _apply(tmp_path / "w", source)
    assert _rows(
        tmp_path / "w", "select name, statements, complete from snowplow.snowveil_migrations order by name"
    ) == [
        ("V0001__one.sql", 1, True),
        ("V0002__two.sql", 1, False),
    ]
    broken.write_text("create table s.t (a varchar); create table s.u (a int); create table s.w (a int);")
    assert _apply(tmp_path / "w", source) == ["V0002__two.sql"]
    assert _rows(tmp_path / "w", "select count(*) from s.w") == [(0,)]


def test_applied_version_that_was_edited_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    path = source / "V0001__one.sql"
    path.write_text("create schema s;")
    _apply(tmp_path / "w", source)
    for edited in ("create schema t;", "create schema s; create schema t;"):
        path.write_text(edited)
        with pytest.raises(MigrationError, match=r"V0001__one.sql: changed after it was applied"):
            _apply(tmp_path / "w", source)


def test_applied_version_that_is_gone_is_named(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "V0001__one.sql").write_text("create schema s;")
    (source / "V0002__two.sql").write_text("create schema t;")
    _apply(tmp_path / "w", source)
    (source / "V0001__one.sql").unlink()
    with pytest.raises(MigrationError, match=r"V0001__one.sql: was applied and is gone"):
        _apply(tmp_path / "w", source)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"V1__one.sql": "select 1;"}, r"V1__one.sql: the name is neither"),
        ({"V0001__a.sql": "select 1;", "V0001__b.sql": "select 1;"}, r"V0001__b.sql: version 0001 is also that of"),
        ({"V0001__a.sql": "create schema {{ nobody }};"}, r"V0001__a.sql: \{\{ nobody \}\} has no value"),
        ({"V0001__a.sql": "; 1 + 1;"}, r"V0001__a.sql: cannot tell what this statement is"),
        ({}, r"there is no migration in it"),
    ],
)
def test_unusable_folder_is_one_line_that_names_the_file(tmp_path: Path, files: dict[str, str], message: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(MigrationError, match=message):
        migrations.read({}, tmp_path)


_OPTIONS = {
    "type = csv", "compression = gzip", r"record_delimiter = '\n'", "skip_header = 0",
    "field_optionally_enclosed_by = none", "escape = none", "escape_unenclosed_field = none", "null_if = ('')",
    "empty_field_as_null = true", "trim_space = false", "encoding = 'UTF8'", "replace_invalid_characters = false",
}  # fmt: skip


@pytest.mark.parametrize(("name", "delimiter"), [("enriched_tsv", r"'\t'"), ("bad_event_lines", "none")])
def test_file_format_leaves_no_option_to_a_default(name: str, delimiter: str) -> None:
    text = (FOLDER / "V0004__stages.sql").read_text()
    match = re.search(rf"create file format snowplow\.{name}\n(.*?);", text, re.DOTALL)
    assert match is not None
    assert {line.strip() for line in match[1].splitlines()} == _OPTIONS | {f"field_delimiter = {delimiter}"}


def test_no_statement_is_skipped_that_makes_what_queries_read() -> None:
    skipped = [
        statement.kind
        for migration in migrations.read(embedded.VALUES)
        for statement in migration.statements
        if statement.kind in embedded.SKIPPED_KINDS
    ]
    assert not {"table", "view", "schema"} & set(skipped)
    assert set(skipped) <= embedded.SKIPPED_KINDS
