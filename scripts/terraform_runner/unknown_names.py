"""Names in a terraform.tfvars that no variable has.

Terraform drops attributes that an object's type does not know, and only warns of variables that do not exist: a
mistyped certificate would plan a listener without one, in silence.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from scripts.terraform_runner.environment import ROOT, Environment, TerraformError
from scripts.terraform_runner.tfvars import read_tfvars
from scripts.terraform_runner.variable_types import Shape, variable_types

if TYPE_CHECKING:
    from collections.abc import Iterator

# What the root passes on untyped, by where it is written: the module and the variable with its type. Why it is untyped:
# docs/adr/0011-mistyped-settings.md.
PASSED_ON = {
    "collector.settings": ("collector", "settings"),
    "enricher.settings": ("enricher", "settings"),
    "enricher.iglu": ("enricher", "iglu"),
}
# Names and parameters are compared with Snowplow's own in modules/enricher/enrichments.tf.
FREE = frozenset({"enricher.enrichments"})


def check(environment: Environment) -> None:
    """Raise TerraformError, a line for each, when the environment's terraform.tfvars has names that nothing has."""
    if lines := unknown_names(environment):
        raise TerraformError("\n".join(lines))


def unknown_names(environment: Environment) -> list[str]:
    """Return a line for each unknown name: file, line, where it stands, and the nearest one that exists."""
    types = known_types()
    text = environment.tfvars.read_text("utf-8")
    place = f"environments/{environment.name}/terraform.tfvars"
    return [
        f"{place}:{_line(text, name)}: {f'{where} has no ' if where else 'there is no variable '}{name}"
        + (f": did you mean {near[0]}?" if (near := difflib.get_close_matches(name, known, 1)) else "")
        for where, name, known in _unknown("", read_tfvars(environment.tfvars), Shape(attributes=types))
    ]


def known_types() -> dict[str, Shape]:
    """Return the shape of each of the root's variables, with the modules' types where the root has `any`."""
    types = variable_types(ROOT / "terraform")
    for place, (module, variable) in PASSED_ON.items():
        name, attribute = place.split(".")
        if name not in types:
            continue  # terraform/ lacks the variable, and terraform.tfvars may not name it
        typed = {attribute: variable_types(ROOT / "modules" / module)[variable]}
        types[name] = Shape(attributes={**(types[name].attributes or {}), **typed})
    return types


def _unknown(where: str, value: Any, shape: Shape) -> Iterator[tuple[str, str, list[str]]]:
    if shape.attributes is not None and isinstance(value, dict):
        for name, each in value.items():
            if name not in shape.attributes:
                yield where, name, list(shape.attributes)
            else:
                yield from _unknown(f"{where}.{name}" if where else name, each, shape.attributes[name])
    elif shape.element is not None:
        items = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else [])
        for name, each in items:
            yield from _unknown(f"{where}.{name}", each, shape.element)


def _line(text: str, name: str) -> int:
    """Return the first line that sets `name`; the parser tells no positions of attributes."""
    match = re.search(rf'(?<![\w-])"?{re.escape(name)}"?\s*[=:]', text)
    return text.count("\n", 0, match.start()) + 1 if match else 1
