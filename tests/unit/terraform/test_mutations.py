import pytest

from tools import mutate_terraform
from tools.mutate_terraform import Mutation, read_mutations


def test_every_defect_still_fits_its_file() -> None:
    mutations = read_mutations()
    assert len(mutations) >= 90
    assert [(mutation.file, mutation.what) for mutation in mutations if not mutation.fits()] == []
    assert [mutation.what for mutation in mutations if mutation.find == mutation.replace] == []


def test_a_defect_that_fits_no_more_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = Mutation("nothing is there", "modules/keys/main.tf", "what nobody wrote", "")
    monkeypatch.setattr(mutate_terraform, "read_mutations", lambda: [gone])
    assert mutate_terraform.main([]) == 1
    assert "modules/keys/main.tf does not hold once what 'nothing is there' replaces" in capsys.readouterr().out
