from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from scripts.snowflake_warehouse import embedded, migrations

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an embedded warehouse with every migration; copy it, do not write to it."""
    folder = tmp_path_factory.mktemp("migrated")
    with embedded.connect(folder) as cursor:
        for each in migrations.pending(cursor, migrations.read(embedded.VALUES)):
            migrations.apply(cursor, each, embedded.SKIPPED_KINDS, lambda _: None)
    return folder


@pytest.fixture
def warehouse(migrated: Path, tmp_path: Path) -> Path:
    """Return the folder of a warehouse of the test's own."""
    folder = tmp_path / "warehouse"
    shutil.copytree(migrated, folder)
    return folder
