"""Lists that must agree with each other: each failure names the place to change.

The how-to pages show the same places in tables; the first column of a table is the list that is checked here.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
import msgspec
import pytest

from scripts.package import DEPLOYABLES
from services.enricher.enrichments import configuration, loader
from tests.contract.enricher import test_tables
from tests.unit.docs.repository import DOCS, ROOT
from wire.self_describing import Criterion, SchemaKey
from wire.tracker_protocol import PARAMETERS

SCHEMAS = ROOT / "services/enricher/enrichments/configuration_schemas"
TERRAFORM = ROOT / "modules/enricher/enrichments.tf"
PROGRAMS = sorted(path.parent.name for path in ROOT.glob("services/*/__main__.py"))
CRITERIA = sorted([*(kind.configured_by for kind in loader._ALL), loader._CROSS_NAVIGATION], key=lambda each: each.name)

JSON_PARAMETERS = {"co", "cx", "ue_pr", "ue_px"}  # tested in tests/contract/enricher/test_entities.py

# What a program on EC2 needs, by file: a pattern that the file's text must have, None when the file is enough.
PLACES = {
    "services/<program>/__main__.py": None,
    "requirements/<program>.in": None,
    "requirements/<program>.txt": None,
    "requirements/dev.in": r"^-r <program>\.in$",
    "Makefile": r"for name in [^;]*\b<program>\b",
    "scripts/package.py": r"Deployable\(\s*\"<program>\"",
    "pyproject.toml": r"root_packages = \[[^\]]*\"services\.<program>\"",
    "modules/<program>/main.tf": r"\.\./instance-group",
    "modules/<program>/README.md": r"^  source = \"\.\./modules/<program>\"",
    "modules/<program>/tests": None,
    "terraform/services.tf": r"^module \"<program>\"",
    "terraform/service_variables.tf": r"^variable \"<program>\"",
    "terraform/storage.tf": r"for program in \[[^\]]*\"<program>\"",
    "terraform/main.tf": r"^ +<program> += \"\$\{local\.role_arn\}",
    "terraform/settings.tf": r"\"<program>\.settings\"",
    "docs/<program>.md": None,
}


def _table(page: str) -> list[str]:
    """Return the first code of each row of a how-to page's tables."""
    return re.findall(r"^\| `([^`]+)`", (DOCS / "how-to" / page).read_text(), re.MULTILINE)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("place", PLACES)
def test_program_is_in_every_place(place: str, program: str) -> None:
    file, pattern = ROOT / place.replace("<program>", program), PLACES[place]

    assert file.exists(), f"services/{program} is a program: it needs {file.relative_to(ROOT)}"
    if pattern is not None:
        wanted = pattern.replace("<program>", program)
        assert re.search(wanted, file.read_text(), re.MULTILINE), f"name {program} in {file.relative_to(ROOT)}"


def test_how_to_add_a_program_lists_every_place() -> None:
    assert _table("add-a-program.md") == list(PLACES), (
        "docs/how-to/add-a-program.md shows other places than PLACES here"
    )


def test_every_bundle_is_a_program() -> None:
    bundles = {deployable.name for deployable in DEPLOYABLES if deployable.suffix == "tar.gz"}

    assert bundles == set(PROGRAMS), "scripts/package.py bundles other programs than services/ has"


def _known() -> dict[str, dict[str, Any]]:
    """Return Terraform's table of enrichments: vendor, version and parameters by name."""
    with TERRAFORM.open() as opened:
        local = {name: value for block in hcl2.load(opened)["locals"] for name, value in block.items()}
    vendor = local["vendor"].strip('"')
    vendors = {"${local.vendor}": vendor, "${local.vendors}": f"{vendor}.enrichments"}
    return {
        name: {
            "vendor": vendors.get(entry["vendor"], entry["vendor"].strip('"')),
            "version": entry["version"].strip('"'),
            "parameters": {parameter.strip('"') for parameter in entry["parameters"]},
        }
        for name, entry in local["known"].items()
    }


def _newest(criterion: Criterion) -> Path:
    versions = (SCHEMAS / criterion.vendor / criterion.name / "jsonschema").iterdir()
    return max(versions, key=lambda file: [int(number) for number in file.name.split("-")])


def _parameters(criterion: Criterion) -> set[str]:
    """Return the names below `parameters` of a configuration, as its newest schema here lists them."""
    schema = json.loads(_newest(criterion).read_text())
    return set(schema["properties"].get("parameters", {}).get("properties", {}))


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda each: each.name)
def test_terraform_knows_each_enrichment_of_the_program(criterion: Criterion) -> None:
    entry = _known().get(criterion.name)

    assert entry, f"name {criterion.name} in `known` of modules/enricher/enrichments.tf"
    key = SchemaKey.parse(f"iglu:{entry['vendor']}/{criterion.name}/jsonschema/{entry['version']}")
    assert criterion.matches(key), f"modules/enricher/enrichments.tf writes {key}, loader.py reads another version"
    assert entry["version"] <= _newest(criterion).name, f"configuration_schemas has no {key} nor a later one"
    if entry["parameters"]:  # those that are read from a secret have none in Terraform
        assert entry["parameters"] == _parameters(criterion), f"`parameters` of {criterion.name} in enrichments.tf"


def test_program_and_terraform_leave_out_the_same() -> None:
    names = {criterion.name for criterion in CRITERIA}

    assert set(_known()) - names == set(configuration._LEFT_OUT), (
        "modules/enricher/enrichments.tf and _LEFT_OUT of services/enricher/enrichments/configuration.py differ"
    )


def test_every_configuration_schema_has_its_enrichment() -> None:
    folders = {path.parent.name for path in SCHEMAS.glob("*/*/jsonschema")}

    assert folders == {criterion.name for criterion in CRITERIA}, (
        "configuration_schemas/ and the criteria of loader.py list other enrichments"
    )


def test_every_query_parameter_has_its_rows() -> None:
    contract = msgspec.yaml.decode((ROOT / "tests/contract/enricher/contract.yaml").read_bytes())
    tried = {
        row.split()[0].rstrip("!-") for line in test_tables.PARAMETERS.split("\n") if line for row in line.split("|")
    }

    assert set(PARAMETERS) <= set(contract["A.2"]), "tests/contract/enricher/contract.yaml lacks rows under A.2"
    assert set(PARAMETERS) - JSON_PARAMETERS <= tried, "tests/contract/enricher/test_tables.py: PARAMETERS lacks some"


def _rows(heading: str) -> Iterator[str]:
    """Yield the first cell of each row below a heading of docs/enrichments.md, as letters only."""
    section = re.search(
        rf"^## {heading}\n(.*?)(?=^## |\Z)", (DOCS / "enrichments.md").read_text(), re.DOTALL | re.MULTILINE
    )
    assert section, f"docs/enrichments.md has no part {heading!r}"
    yield from re.findall(r"^\| ([^|]+?) \|", section[1], re.MULTILINE)[1:]


def _letters(name: str) -> str:
    name = re.sub(r"_(enrichment_)?config$|_enrichment$|^enrichment$", "", name.lower())
    return re.sub(r"[^a-z]", "", name.replace(" and ", "_and_"))


def test_reference_page_lists_the_enrichments_of_the_program() -> None:
    listed = {_letters(cell) for cell in _rows("In the order they run")}

    assert listed == {_letters(criterion.name) for criterion in CRITERIA}, "the first table of docs/enrichments.md"


def test_every_default_configuration_is_one_that_runs() -> None:
    defaults = [json.loads(path.read_text())["schema"] for path in loader.DEFAULTS.glob("*.json")]

    assert all(any(criterion.matches(SchemaKey.parse(key)) for criterion in CRITERIA) for key in defaults)
