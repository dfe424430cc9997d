"""The lines of Snowplow's own Enrich: every difference is declared on docs/reference/differences.md."""

from pathlib import Path

import pytest

from tools import conformance_golden
from tools.conformance_golden import CONFIGURATIONS

DECLARED = {name for names in conformance_golden.declared().values() for name in names}


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_every_difference_from_enrich_is_declared(configuration: str) -> None:
    found = conformance_golden.differences(configuration)
    assert [each for each in found if f"{each.family}/{each.n}" not in DECLARED] == []


def test_every_declared_difference_is_there() -> None:
    found = {f"{each.family}/{each.n}" for name in CONFIGURATIONS for each in conformance_golden.differences(name)}
    assert DECLARED - found == set()


def test_every_declared_kind_has_its_reason_on_the_page() -> None:
    page = Path(conformance_golden.ROOT / "docs/reference/differences.md").read_text()
    assert [kind for kind in conformance_golden.declared() if f"### {kind}\n" not in page] == []
