"""The pipes of the migrations, read as Snowpipe reads them: prefix, target table, and a SELECT over `$n` and metadata.

The SELECT is rewritten for DuckDB over a relation `lines(line, file_row)`. Only what the migrations use is known here;
any other function or option is an error and no silent difference.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlglot
from snowflake.connector.util_text import split_statements
from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PIPE = re.compile(
    r"create\s+pipe\s+(?P<name>[\w.]+)\s+auto_ingest\s*=\s*true\s+as\s+(?P<copy>copy\s.*)", re.IGNORECASE | re.DOTALL
)
_STAGE = re.compile(
    r"create\s+stage\s+(?P<name>[\w.]+)\s+url\s*=\s*'[^']*?/(?P<prefix>[a-z-]+/)'", re.IGNORECASE | re.DOTALL
)
_FORMAT = re.compile(r"create\s+file\s+format\s+(?P<name>[\w.]+)(?P<options>.*)", re.IGNORECASE | re.DOTALL)
_COPY = re.compile(
    r"copy\s+into\s+(?P<table>[\w.]+)\s*\((?P<columns>[^)]*)\)\s*from\s*\(\s*(?P<select>select\b.*?)"
    r"\s+from\s+@(?P<stage>[\w.]+)\s*\)\s*file_format\s*=\s*\(\s*format_name\s*=\s*'(?P<format>[\w.]+)'\s*\)"
    r"\s*on_error\s*=\s*continue\s*",
    re.IGNORECASE | re.DOTALL,
)
_METADATA = {
    "metadata$start_scan_time": "$load_tstamp",
    "metadata$filename": "$file_name",
    "metadata$file_row_number": "file_row",
    "metadata$file_last_modified": "$file_modified",
}


class PipeError(Exception):
    """A migration says something that this stand-in cannot do as Snowflake does it."""


@dataclass(frozen=True, slots=True)
class Pipe:
    """One pipe: what it is woken by, what it fills, and how."""

    name: str
    prefix: str
    table: str
    insert: str  # DuckDB: INSERT … SELECT over lines(line, file_row); parameters load_tstamp, file_name, file_modified


def read(folder: Path) -> list[Pipe]:
    """Return the pipes of the migrations in a folder. Raises PipeError."""
    stages: dict[str, str] = {}
    delimiters: dict[str, str | None] = {}
    pipes = []
    for statement in _statements(folder):
        if stage := _STAGE.match(statement):
            stages[stage["name"].lower()] = stage["prefix"]
        elif file_format := _FORMAT.match(statement):
            delimiters[file_format["name"].lower()] = _delimiter(file_format["options"])
        elif re.match(r"create\s+pipe\b", statement, re.IGNORECASE):
            pipes.append(_pipe(statement, stages, delimiters))
    if not pipes:
        raise PipeError(f"{folder.name}: no migration creates a pipe")
    return pipes


def _statements(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("V*.sql")):
        for statement, _ in split_statements(io.StringIO(path.read_text("utf-8")), remove_comments=True):
            if statement:
                yield statement.strip().rstrip(";").strip()


def _delimiter(options: str) -> str | None:
    """Return the byte between cells, or None for a line that is one cell; refuse options that would read otherwise."""
    found = {name.lower(): value for name, value in re.findall(r"(\w+)\s*=\s*('[^']*'|\([^)]*\)|\w+)", options)}
    expected = {
        "type": "csv", "compression": "gzip", "record_delimiter": r"'\n'", "skip_header": "0",
        "field_optionally_enclosed_by": "none", "escape": "none", "escape_unenclosed_field": "none",
        "null_if": "('')", "empty_field_as_null": "true", "trim_space": "false", "encoding": "'UTF8'",
        "replace_invalid_characters": "false",
    }  # fmt: skip
    delimiter = found.pop("field_delimiter", None)
    if found != expected or delimiter not in (r"'\t'", "none"):
        differing = sorted(name for name in expected | found if found.get(name) != expected.get(name))
        raise PipeError(f"file format: no stand-in for {', '.join(differing or ['field_delimiter'])}")
    return "\t" if delimiter != "none" else None


def _pipe(statement: str, stages: dict[str, str], delimiters: dict[str, str | None]) -> Pipe:
    pipe = _PIPE.fullmatch(statement)
    copy = _COPY.fullmatch(pipe["copy"]) if pipe else None
    if pipe is None or copy is None:
        raise PipeError(f"cannot read this pipe: {statement.splitlines()[0]}")
    delimiter = delimiters[copy["format"].lower()]
    cells = "string_split(line, chr(9))" if delimiter else "[line]"
    columns = [column.strip() for column in copy["columns"].split(",")]
    select = sqlglot.parse_one(_named(copy["select"]), dialect="snowflake")
    values = [_duckdb(each) for each in select.expressions]
    if len(values) != len(columns):
        raise PipeError(f"{pipe['name']}: {len(columns)} columns and {len(values)} values")
    return Pipe(
        pipe["name"],
        stages[copy["stage"].lower()],
        copy["table"],
        f"insert into {copy['table']} ({', '.join(columns)}) select {', '.join(values)} "  # noqa: S608 - of migrations
        f"from (select {cells} as cells, file_row from lines)",
    )


def _named(select: str) -> str:
    # `$1` and metadata$… are not identifiers for the parser.
    select = re.sub(r"metadata\$(\w+)", r"metadata__\1", select, flags=re.IGNORECASE)
    return re.sub(r"\$(\d+)", r"cell__\1", select)


def _duckdb(tree: exp.Expression) -> str:
    """Return an expression of the pipe's SELECT in DuckDB's dialect."""
    if isinstance(tree, exp.Column):
        return _column(tree.name.lower())
    if isinstance(tree, exp.Literal):
        return str(tree.sql())
    if isinstance(tree, exp.Add):
        return f"{_duckdb(tree.this)} + {_duckdb(tree.expression)}"
    if isinstance(tree, exp.And):
        return f"{_duckdb(tree.this)} and {_duckdb(tree.expression)}"
    if isinstance(tree, exp.Is):
        return f"{_duckdb(tree.this)} is null"
    if isinstance(tree, exp.Not) and isinstance(tree.this, exp.Is):
        return f"{_duckdb(tree.this.this)} is not null"
    if isinstance(tree, exp.If):
        return f"if({_duckdb(tree.this)}, {_duckdb(tree.args['true'])}, {_duckdb(tree.args['false'])})"
    return _conversion(tree)


def _column(name: str) -> str:
    if name.startswith("cell__"):
        return f"nullif(cells[{int(name.removeprefix('cell__'))}], '')"
    if name.startswith("metadata__"):
        return _METADATA[name.replace("__", "$")]
    raise PipeError(f"the pipe's SELECT names {name}, which is neither $n nor METADATA$…")


def _conversion(tree: exp.Expression) -> str:
    match = re.fullmatch(r"(try_\w+)\((\w+)(?:, (\d+))?(?:, (\d+))?\)", tree.sql(dialect="snowflake").lower())
    if match is None:
        raise PipeError(f"the pipe's SELECT has an expression with no stand-in: {tree.sql(dialect='snowflake')[:80]}")
    name, cell, precision, scale = match.groups()
    types = {
        "try_to_timestamp_ntz": "timestamp_ms",
        "try_to_number": f"decimal({precision}, {scale or 0})",
        "try_to_decimal": f"decimal({precision}, {scale or 0})",
        "try_to_double": "double",
        "try_to_boolean": "boolean",
        "try_parse_json": "json",
    }
    if name not in types:
        raise PipeError(f"the pipe's SELECT calls {name}, which has no stand-in")
    return f"try_cast({_column(cell)} as {types[name]})"
