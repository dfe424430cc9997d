"""Print in one line which tests were skipped and what each lacks, from pytest's JUnit files.

Example: python -m tools.skipped_tests build/junit/unit.xml build/junit/localstack.xml

Exit code 0: printed. 1: a file cannot be read; one line says which.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET


def skipped(file: Path) -> Counter[str]:
    """Return how many tests of a JUnit file were skipped, by reason. Raises OSError or ElementTree.ParseError."""
    root = ET.parse(file).getroot()  # noqa: S314 - pytest wrote it a moment ago
    return Counter(element.get("message", "no reason given") for element in root.iter("skipped"))


def summary(reasons: Counter[str]) -> str:
    """Return the line."""
    if not reasons:
        return "skipped: no test"
    each = "; ".join(f"{count} ({reason})" for reason, count in reasons.most_common())
    return f"skipped: {reasons.total()} tests: {each}; `make doctor` says how to get what is missing"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.skipped_tests", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, help="what pytest wrote with --junitxml")
    options = parser.parse_args(arguments)
    total: Counter[str] = Counter()
    for file in options.files:
        try:
            total += skipped(file)
        except (OSError, ET.ParseError) as error:
            print(f"{file}: {error}: run the tests again", file=sys.stderr)
            return 1
    print(summary(total))
    return 0


if __name__ == "__main__":
    sys.exit(main())
