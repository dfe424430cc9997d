"""What the documents say of costs adds up, and agrees."""

import re

from tests.unit.docs.repository import DOCS, ROOT

ENVIRONMENTS = ("dev", "staging", "production")


def costs() -> dict[str, list[str]]:
    """Return the cells for each environment in the table of costs, by the row's first cell."""
    section = (DOCS / "first-deployment.md").read_text().partition("## 8. Apply")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    rows = [[cell.strip(" *") for cell in line.split("|")[1:-1]] for line in lines]
    return {row[0]: row[2:] for row in rows[1:]}


def test_sums_add_up() -> None:
    rows = costs()
    for column, environment in enumerate(ENVIRONMENTS):
        amounts = [float(cells[column].rpartition(": ")[2] or 0) for row, cells in rows.items() if row != "sum"]
        assert abs(sum(amounts) - float(rows["sum"][column])) < 0.02, f"docs/first-deployment.md: sum of {environment}"


def test_readme_names_about_the_same_sums() -> None:
    text = " ".join((ROOT / "README.md").read_text().split())
    for environment, exact in zip(ENVIRONMENTS, costs()["sum"], strict=True):
        named = re.search(rf"(\d+)(?: dollars)? for {environment}", text)
        assert named, f"README.md names no cost for {environment}"
        assert abs(int(named[1]) / float(exact) - 1) < 0.05, f"README.md: cost of {environment}"
