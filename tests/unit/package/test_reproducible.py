"""The function's package has the same bytes whenever and wherever it is built."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from scripts import package

PSEUDONYMIZER = package.DEPLOYABLES[0]
LARGEST_BYTES = 15_000_000


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_two_builds_have_the_same_bytes(tmp_path: Path, architecture: package.Architecture) -> None:
    first, second = (package.build(PSEUDONYMIZER, architecture, tmp_path / name) for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_size < LARGEST_BYTES


def test_the_package_holds_what_the_function_reads(tmp_path: Path) -> None:
    with zipfile.ZipFile(package.build(PSEUDONYMIZER, "arm64", tmp_path)) as archive:
        names = archive.namelist()
        machine_code = [name for name in names if name.endswith(".so")]
        # The machine in an ELF header: 183 is AArch64.
        machines = {int.from_bytes(archive.read(name)[18:20], "little") for name in machine_code}
    assert {"policy/gitlab.yaml", "lambda_src/pseudonymizer/handler.py", "wire/columns.py"} <= set(names)
    assert not [name for name in names if "boto" in name or name.startswith("tests")]
    assert machines == {183}


def test_the_enrichers_bundle_runs_by_itself_and_holds_the_consumer_library(tmp_path: Path) -> None:
    enricher = next(each for each in package.DEPLOYABLES if each.name == "enricher")
    with tarfile.open(package.build(enricher, package.host_architecture(), tmp_path)) as archive:
        archive.extractall(tmp_path / "home", filter="data")
    home = tmp_path / "home"
    assert (home / "site-packages/amazon_kclpy/jars/amazon-kinesis-client-multilang-3.1.3.jar").exists()
    assert not (home / "site-packages/samples").exists()
    for program in ("services.enricher", "services.enricher.shard"):
        done = subprocess.run(
            [Path(sys.base_prefix) / "bin/python3.13", "-m", program, "--help"],
            cwd=home,
            env={"PYTHONPATH": f"{home}:{home}/site-packages"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
