"""Build what is deployed: the function's zip and the services' bundles, reproducibly, for one architecture."""

import argparse
import gzip
import hashlib
import io
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parent.parent
UV = ROOT / ".tools/bin/uv"

type Architecture = Literal["arm64", "x86_64"]
# Amazon Linux 2023, under Lambda's python3.13 and on the instances, has glibc 2.34.
_PLATFORMS: dict[Architecture, str] = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}


@dataclass(frozen=True, slots=True)
class Deployable:
    """A program, the paths of this repository that it holds, and where its dependencies lie inside the package."""

    name: str
    sources: tuple[str, ...]
    dependencies: str
    suffix: Literal["zip", "tar.gz"]


DEPLOYABLES = (
    Deployable("pseudonymizer", ("lambda_src/pseudonymizer", "wire", "policy"), ".", "zip"),
    Deployable("collector", ("services/collector", "wire"), "site-packages", "tar.gz"),
    Deployable("enricher", ("services/enricher", "wire", "schemas"), "site-packages", "tar.gz"),
)


def host_architecture() -> Architecture:
    """Return the architecture of this machine in AWS's names. Raises ValueError for any other."""
    machine = platform.machine()
    names: dict[str, Architecture] = {"aarch64": "arm64", "arm64": "arm64", "x86_64": "x86_64"}
    if machine not in names:
        raise ValueError(f"no package can be built for {machine}: the choices are arm64 and x86_64")
    return names[machine]


def build(deployable: Deployable, architecture: Architecture, directory: Path) -> Path:
    """Write `<directory>/<name>-<architecture>.<suffix>` and return its path.

    The bytes depend on the sources and the lock alone: files are sorted, dates and owners are fixed.
    Raises CalledProcessError when a dependency cannot be installed; uv has then said why on standard error.
    """
    with tempfile.TemporaryDirectory() as scratch:
        stage = Path(scratch)
        _install(deployable, architecture, stage / deployable.dependencies)
        for source in deployable.sources:
            shutil.copytree(ROOT / source, stage / source, ignore=shutil.ignore_patterns("__pycache__", "*.md"))
        contents = _zip(stage) if deployable.suffix == "zip" else _tar(stage)
    directory.mkdir(parents=True, exist_ok=True)
    package = directory / f"{deployable.name}-{architecture}.{deployable.suffix}"
    package.write_bytes(contents)
    return package


def _install(deployable: Deployable, architecture: Architecture, target: Path) -> None:
    lock = ROOT / "requirements" / f"{deployable.name}.txt"
    command: list[str | Path] = [UV, "pip", "install", "--quiet", "--no-config"]
    command += ["--require-hashes", "--only-binary", ":all:"]
    command += ["--python-version", "3.13", "--python-platform", _PLATFORMS[architecture]]
    subprocess.run([*command, "--target", target, "--requirement", lock], check=True)
    shutil.rmtree(target / "bin", ignore_errors=True)  # console scripts hold this machine's interpreter path
    for path in target.glob("*.dist-info/*"):  # a package may read its own version from the first; the rest is uv's
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "METADATA":
            path.unlink()
    shutil.rmtree(target / "samples", ignore_errors=True)  # kclpy-ext's, of which the jars alone are used
    (target / ".lock").unlink(missing_ok=True)


def _files(stage: Path) -> list[Path]:
    return sorted(path for path in stage.rglob("*") if path.is_file())


def _zip(stage: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in _files(stage):
            entry = zipfile.ZipInfo(path.relative_to(stage).as_posix(), (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def _tar(stage: Path) -> bytes:
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=6, mtime=0) as compressed,
        tarfile.TarFile(fileobj=compressed, mode="w") as archive,
    ):
        for path in _files(stage):
            entry = tarfile.TarInfo(path.relative_to(stage).as_posix())
            entry.size, entry.mode = path.stat().st_size, 0o644
            with path.open("rb") as source:
                archive.addfile(entry, source)
    return buffer.getvalue()


def main() -> int:
    """Build every package and print its checksum, size and path."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.package", description=__doc__, epilog="example: python -m scripts.package --arch arm64"
    )
    parser.add_argument("--arch", choices=[*_PLATFORMS, "host"], default="host", help="default: this machine's")
    arguments = parser.parse_args()
    try:
        architecture = host_architecture() if arguments.arch == "host" else arguments.arch
        for deployable in DEPLOYABLES:
            package = build(deployable, architecture, ROOT / "build")
            contents = package.read_bytes()
            print(f"{hashlib.sha256(contents).hexdigest()}  {len(contents) / 1e6:6.2f} MB  {package.relative_to(ROOT)}")
    except (ValueError, subprocess.CalledProcessError) as problem:
        print(f"package: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
