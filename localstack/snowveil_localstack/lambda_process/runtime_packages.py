"""The packages AWS's Python runtime brings along, and no others of LocalStack's environment."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html: the SDK, its dependencies, the runtime client.
_DISTRIBUTIONS = (
    "awslambdaric",
    "boto3",
    "botocore",
    "jmespath",
    "python-dateutil",
    "s3transfer",
    "simplejson",
    "six",
    "snapshot-restore-py",
    "urllib3",
)


def link_runtime_packages(directory: Path) -> None:
    """Fill the directory with links to the runtime's packages.

    Raises importlib.metadata.PackageNotFoundError when the environment lacks one.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for name in _DISTRIBUTIONS:
        distribution = importlib.metadata.distribution(name)
        top_level = {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}
        for entry in top_level:
            link = directory / entry
            if not link.is_symlink():
                link.symlink_to(str(distribution.locate_file(entry)))
