"""Names in an environment's settings that nothing has: refused before anything is planned."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import plan
from scripts.terraform_runner import unknown_names
from scripts.terraform_runner.environment import ROOT, Environment
from scripts.terraform_runner.variable_types import Shape, parse, variable_types
from tools import lint_terraform

PRODUCTION = (ROOT / "environments/production/terraform.tfvars").read_text()


class Changed(Environment):
    """Production, with other settings."""

    file: Path

    @property
    def tfvars(self) -> Path:
        return type(self).file


def refused(tmp_path: Path, old: str, new: str) -> list[str]:
    assert old in PRODUCTION
    Changed.file = tmp_path / "terraform.tfvars"
    Changed.file.write_text(PRODUCTION.replace(old, new, 1))
    return unknown_names.unknown_names(Changed("production"))


def line_of(text: str) -> int:
    return PRODUCTION[: PRODUCTION.index(text)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("certificate_arn =", "certficate_arn =", "collector has no certficate_arn: did you mean certificate_arn?"),
        ("max = 12", "maxx = 12", "collector.instances has no maxx: did you mean max?"),
        (
            "log_retention_days =",
            "log_retention =",
            "there is no variable log_retention: did you mean log_retention_days?",
        ),
        ("public_cidr =", "public_cdir =", "network.zones.eu-west-1a has no public_cdir: did you mean public_cidr?"),
        ("reserved_concurrency", "zzz", "pseudonymizer has no zzz"),
        (
            "certificate_arn =",
            'settings = { cookie = { samesite = "Lax" } }\n  certificate_arn =',
            "collector.settings.cookie has no samesite: did you mean sameSite?",
        ),
        (
            "enricher = {",
            'enricher = { iglu = { registries = { ours = { url = "https://example.com" } } }, ',
            "enricher.iglu.registries.ours has no url: did you mean uri?",
        ),
    ],
)
def test_an_unknown_name_is_refused_with_its_line_and_the_nearest(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    (line,) = refused(tmp_path, old, new)
    place, _, said = line.partition(": ")
    assert said == problem
    number = int(place.removeprefix("environments/production/terraform.tfvars:"))
    assert abs(number - line_of(old)) <= 1


@pytest.mark.parametrize("environment", ["dev", "localstack", "production", "staging"])
def test_every_environment_is_free_of_unknown_names(environment: str) -> None:
    assert unknown_names.unknown_names(Environment(environment)) == []


def test_names_of_maps_and_of_enrichments_are_free(tmp_path: Path) -> None:
    free = "enricher = { enrichments = { whatever = { enabled = false } }, "
    assert refused(tmp_path, "enricher = {", free) == []
    assert refused(tmp_path, '"raw-bad/" ', '"anything/" ') == []


def test_plan_and_lint_refuse_before_terraform_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(tmp_path, "certificate_arn =", "certficate_arn =")
    monkeypatch.setattr(plan, "Environment", Changed)
    monkeypatch.setattr(plan, "Terraform", lambda _: pytest.fail("Terraform ran"))
    assert plan.main(["--env", "production", "--offline"]) == 1
    assert "did you mean certificate_arn?" in capsys.readouterr().err
    monkeypatch.setattr(lint_terraform, "Environment", Changed)
    assert any("certficate_arn" in line for line in lint_terraform.settings_problems())


def test_every_untyped_setting_is_compared_with_a_modules_type() -> None:
    untyped = {
        f"{name}.{attribute}"
        for name, shape in variable_types(ROOT / "terraform").items()
        for attribute in shape.attributes or {}
        if "any"
        in (ROOT / "terraform/service_variables.tf")
        .read_text()
        .partition(f'variable "{name}"')[2]
        .partition(f"    {attribute} ")[2]
        .partition("\n")[0]
    }
    assert untyped == {*unknown_names.PASSED_ON, *unknown_names.FREE}


NAMES = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
SHAPES = st.recursive(
    st.just(Shape()),
    lambda inner: st.one_of(
        inner.map(lambda each: Shape(element=each)),
        st.dictionaries(NAMES, inner, max_size=3).map(lambda found: Shape(attributes=found)),
    ),
    max_leaves=8,
)


def written(shape: Shape) -> str:
    """The type expression of a shape."""
    if shape.attributes is not None:
        inside = ", ".join(f"{name} = optional({written(each)}, {{}})" for name, each in shape.attributes.items())
        return f"object({{{inside}}})"
    return "string" if shape.element is None else f"map({written(shape.element)})"


@given(SHAPES)
def test_a_type_expression_is_read_as_it_was_written(shape: Shape) -> None:
    assert parse(written(shape)) == shape
    assert parse(f"${{{written(shape)}}}") == shape
