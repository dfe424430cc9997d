"""Roles and grants, from `warehouse/roles.yaml`."""

from __future__ import annotations

from typing import Any

import yaml

from tools.warehouse_sql.marks import ROOT
from tools.warehouse_sql.text import header, quoted

FILE = ROOT / "warehouse/roles.yaml"


def grants() -> str:
    """Return the SQL that makes the roles and gives them what the file says."""
    data: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    lines = [f"create role if not exists {role} comment = {quoted(what)};" for role, what in data["roles"].items()]
    for grant in data["grants"]:
        if grant["role"] not in data["roles"]:
            raise ValueError(f"warehouse/roles.yaml: grants to {grant['role']}, which roles: does not list")
        privileges = ", ".join(grant["privileges"])
        for each in grant["objects"]:
            lines += _statements(privileges, each, grant["role"])
    return (
        header("A right that is taken out of the file is revoked by hand: docs/warehouse.md.") + "\n".join(lines) + "\n"
    )


def _statements(privileges: str, each: str, role: str) -> list[str]:
    words = each.split()
    if words[0] != "all":
        return [f"grant {privileges} on {each} to role {role};"]
    _, kind, _, schema = words
    return [f"grant {privileges} on {which} {kind} in schema {schema} to role {role};" for which in ("all", "future")]
