"""A plan that destroys needs an approval for each address."""

import datetime as dt
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts import apply, destroy, plan
from scripts.terraform_runner.approved_destroys import FILE, Approval, read_approvals
from scripts.terraform_runner.environment import ROOT, TerraformError
from tests.unit.environments.checkout import Checkout

TODAY = dt.date(2025, 6, 15)
GOOD = 'terraform_data.stream["raw-bad"]'
APPROVED = f"- {{address: '{GOOD}', reason: empty since May, expires: 2999-01-01}}\n"


def problem(tmp_path: Path, text: str | bytes) -> str:
    file = tmp_path / "environments/dev" / FILE
    file.parent.mkdir(parents=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(TerraformError) as caught:
        read_approvals(file, TODAY)
    line = str(caught.value)
    assert "\n" not in line
    return line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- {address: a.b, reason: x, expires: 2025-06-14}", f"{FILE}[0]: expired on 2025-06-14: delete it"),
        ("- {address: a.b, expires: 2025-06-15}", f"{FILE}[0]: Object missing required field `reason`"),
        (
            "- {address: a.b, reason: ' ', expires: 2025-06-15}",
            f"{FILE}[0]: Expected `str` matching regex '\\\\S' - at `$.reason`",
        ),
        ("- {reason: x, expires: 2025-06-15}", f"{FILE}[0]: Object missing required field `address`"),
        ("- {address: a.b, reason: x}", f"{FILE}[0]: Object missing required field `expires`"),
        ("- {address: a.b, reason: x, expires: soon}", f"{FILE}[0]: Invalid RFC3339 encoded date - at `$.expires`"),
        (
            f"{APPROVED}- {{address: a.b, reason: x, expires: 2025-06-15, by: me}}",
            f"{FILE}[1]: Object contains unknown field `by`",
        ),
        ("- a.b", f"{FILE}[0]: Expected `object`, got `str`"),
        ("address: a.b", f"{FILE}: not a list of {{address, reason, expires}}"),
        ("- {address: a.b", f"{FILE}:1: not YAML in UTF-8"),
        (b"\xff\xfe\xfd", f"{FILE}:1: not YAML in UTF-8"),
    ],
)
def test_a_wrong_file_is_one_line_with_file_and_index(tmp_path: Path, text: str | bytes, line: str) -> None:
    assert problem(tmp_path, text).startswith(f"environments/dev/{line}")


def test_an_approval_holds_on_its_last_day(tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.write_text("- {address: a.b, reason: x, expires: 2025-06-15}")
    assert read_approvals(file, TODAY) == [Approval("a.b", "x", TODAY)]


@pytest.mark.parametrize("text", [None, "", "# nothing\n", "[]"])
def test_no_approvals_are_no_mistake(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / FILE).write_text(text)
    assert read_approvals(tmp_path / FILE, TODAY) == []


@settings(deadline=None)  # each example writes a file
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.dates(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["address", "reason", "expires", "other"]), inner)
        ),
    )
)
def test_any_document_is_either_refused_or_a_list_of_complete_approvals(document: object) -> None:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / FILE
        file.write_text(yaml.safe_dump(document))
        try:
            approvals = read_approvals(file, TODAY)
        except TerraformError as error:
            assert FILE in str(error)  # noqa: PT017 - what is wrong differs by document
            return
    assert all(each.address.strip() and each.reason.strip() and each.expires >= TODAY for each in approvals)
    assert [each.address for each in approvals] == [each["address"] for each in (document or [])]  # type: ignore[attr-defined]


def test_the_files_of_this_repository_are_well_formed() -> None:
    for file in ROOT.glob(f"environments/*/{FILE}"):
        read_approvals(file, dt.date.min)


@pytest.fixture
def applied(planned: Checkout) -> Checkout:
    assert apply.main(["--env", "dev"]) == 0
    return planned


def test_a_replacement_is_applied_once_each_address_is_approved(
    applied: Checkout, refusal: Callable[[int], str], capfd: pytest.CaptureFixture[str]
) -> None:
    state = applied.root / "states/dev.tfstate"
    before = state.read_text()
    applied.set_version("2")
    applied.commit()
    assert plan.main(["--env", "dev"]) == 0
    lacks = capfd.readouterr().err
    assert '- {address: "terraform_data.stream[\\"raw-good\\"]", reason: , expires: }' in lacks
    assert refusal(apply.main(["--env", "dev"])) == (
        f'the plan destroys terraform_data.stream["raw-bad"] and 1 more, which environments/dev/{FILE} does not approve'
    )
    applied.write(f"environments/dev/{FILE}", APPROVED)
    applied.commit()
    assert plan.main(["--env", "dev"]) == 0
    assert refusal(apply.main(["--env", "dev"])).startswith(
        'the plan destroys terraform_data.stream["raw-good"], which'
    )
    assert state.read_text() == before
    applied.write(f"environments/dev/{FILE}", APPROVED + APPROVED.replace("raw-bad", "raw-good"))
    applied.commit()
    assert plan.main(["--env", "dev"]) == 0
    assert apply.main(["--env", "dev"]) == 0
    assert state.read_text() != before


@pytest.mark.usefixtures("applied")
def test_a_destruction_is_saved_and_needs_the_same_approvals(refusal: Callable[[int], str]) -> None:
    assert destroy.main(["--env", "dev"]) == 0
    assert refusal(apply.main(["--env", "dev"])).startswith("the plan destroys terraform_data.stream")
