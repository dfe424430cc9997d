"""What environments/<env>/terraform.tfvars says, as Python values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import hcl2
from lark import LarkError

from scripts.terraform_runner.environment import TerraformError

if TYPE_CHECKING:
    from pathlib import Path


def read_tfvars(path: Path) -> dict[str, Any]:
    """Return the values by variable. Raises TerraformError, one line with file and line, when it is not HCL."""
    try:
        with path.open(encoding="utf-8") as opened:
            found: dict[str, Any] = _plain(hcl2.load(opened))
    except (LarkError, UnicodeDecodeError) as error:
        line = getattr(error, "line", "?")
        raise TerraformError(f"environments/{path.parent.name}/{path.name}:{line}: not HCL") from None
    return found


def unquoted(text: str) -> str:
    """Return a string as HCL means it: the parser keeps its quotation marks."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _plain(value: Any) -> Any:
    if isinstance(value, dict):  # names of its own, such as __comments__, tell of the text
        return {unquoted(name): _plain(each) for name, each in value.items() if not name.startswith("__")}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return unquoted(value) if isinstance(value, str) else value
