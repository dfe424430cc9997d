"""What a merge request changes of the warehouse: columns that analysts gain or lose, and rights of roles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from scripts.plan_review.findings import Finding, code, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROLES = "warehouse/roles.yaml"
VIEWS = "warehouse/snowflake/R__"
# A view that analysts read is a list of columns of the same view in the schema `linked` (tools/warehouse_sql).
_VIEW = re.compile(r"^create or replace view (events\.\w+) as\nselect\n(.*?)\nfrom linked\.", re.MULTILINE | re.DOTALL)


def findings(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what differs; both hold the text of each changed file by its path, and "" for one that is not there."""
    for path in sorted(before):
        if path == ROLES:
            yield from _differences(path, _rights(before[path]), _rights(after[path]), "right")
        elif path.startswith(VIEWS):
            yield from _differences(path, _columns(before[path]), _columns(after[path]), "column of a view")


def _differences(path: str, before: set[str], after: set[str], noun: str) -> Iterator[Finding]:
    gained, lost = sorted(after - before), sorted(before - after)
    if gained:
        text = f"gives {counted(len(gained), noun)} more to readers of the warehouse"
        yield Finding("warehouse-shows-more", path, text, tuple(code(each) for each in gained))
    if lost:
        text = f"takes {counted(len(lost), noun)} from readers of the warehouse"
        yield Finding("warehouse-changed", path, text, tuple(code(each) for each in lost))


def _columns(text: str) -> set[str]:
    return {
        f"{view}.{column.strip().rstrip(',')}"
        for view, columns in _VIEW.findall(text)
        for column in columns.splitlines()
    }


def _rights(text: str) -> set[str]:
    data: dict[str, Any] = yaml.safe_load(text) or {}
    return {
        f"{grant['role']}: {privilege} on {each}"
        for grant in data.get("grants", [])
        for privilege in grant["privileges"]
        for each in grant["objects"]
    }
