from pathlib import Path

import pytest

from tools import module_docs

VARIABLES = """
variable "days" {
  description = "Days \\"kept\\" | at most 30."
  type        = number
  default     = 7
}

variable "roles" {
  description = <<-EOT
    Roles that
    read.
  EOT
  type = map(object({ arn = string }))
}
"""


def test_every_readme_has_the_tables_of_its_module(capsys: pytest.CaptureFixture[str]) -> None:
    assert module_docs.main(["--check"]) == 0, capsys.readouterr().out


def test_tables_say_type_default_and_description(tmp_path: Path) -> None:
    (tmp_path / "variables.tf").write_text(VARIABLES)
    (tmp_path / "outputs.tf").write_text('output "name" {\n  description = "Its name."\n  value       = var.days\n}\n')
    lines = module_docs.tables(tmp_path).splitlines()
    assert '| `days` | `number` | `7` | Days "kept" \\| at most 30. |' in lines
    assert "| `roles` | map of object | required | Roles that read. |" in lines
    assert "| `name` | Its name. |" in lines


def test_a_readme_that_lacks_an_input_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = tmp_path / "m"
    module.mkdir()
    (module / "variables.tf").write_text(VARIABLES)
    (module / "outputs.tf").write_text("")
    (module / "README.md").write_text("# m\n")
    monkeypatch.setattr(module_docs, "MODULES", tmp_path)
    assert module_docs.main(["--check"]) == 1
    assert "modules/m/README.md" in capsys.readouterr().out
    assert module_docs.main([]) == 0
    assert module_docs.main(["--check"]) == 0
