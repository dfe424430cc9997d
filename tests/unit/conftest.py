"""Tests that share one expensive plan stay on one worker of pytest-xdist, which would make it once for each."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
SHARED = {HERE / "review": "review", HERE / "terraform" / "test_plans.py": "plans"}
SHARED |= {HERE / "terraform" / name: "plans" for name in ("test_plan_policies.py", "test_settings.py")}


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for place, group in SHARED.items():
            if item.path.is_relative_to(place):
                item.add_marker(pytest.mark.xdist_group(group))
