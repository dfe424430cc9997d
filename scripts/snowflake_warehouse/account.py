"""An environment's Snowflake account: `environments/<env>/warehouse.yaml`, and a connection by key pair.

No password exists: the private key's file is named by SNOWFLAKE_PRIVATE_KEY_FILE, its passphrase, when it has one, by
SNOWFLAKE_PRIVATE_KEY_PASSPHRASE.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import snowflake.connector
from snowflake.connector import errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scripts.snowflake_warehouse.migrations import Cursor

_KEY_FILE = "SNOWFLAKE_PRIVATE_KEY_FILE"
_PASSPHRASE = "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE"  # noqa: S105 - the variable's name


class WarehouseError(Exception):
    """The warehouse cannot be reached or is not configured; one line names the file or variable and the remedy."""


class Account(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """`warehouse.yaml`; `lake_url` and `storage_role_arn` are outputs of the environment's Terraform."""

    account: str
    user: str
    role: str
    warehouse: str
    database: str
    lake_url: str
    storage_role_arn: str
    retention_days: int

    @property
    def values(self) -> dict[str, str]:
        """What the migrations' `{{ name }}` stand for."""
        return {
            "lake_url": self.lake_url,
            "storage_role_arn": self.storage_role_arn,
            "retention_days": str(self.retention_days),
        }


def read(path: Path) -> Account:
    """Read an account's file. Raises WarehouseError."""
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=Account)
    except FileNotFoundError:
        raise WarehouseError(f"{path}: is missing: docs/warehouse.md, 'Set up an account'") from None
    except msgspec.MsgspecError as problem:
        raise WarehouseError(f"{path}: {problem}") from None


@contextmanager
def connect(account: Account) -> Iterator[Cursor]:
    """Connect to the account's database. Raises WarehouseError."""
    key_file = os.environ.get(_KEY_FILE)
    if not key_file:
        raise WarehouseError(f"{_KEY_FILE} is not set: name the file of {account.user}'s private key")
    try:
        connection = snowflake.connector.connect(
            account=account.account,
            user=account.user,
            role=account.role,
            warehouse=account.warehouse,
            database=account.database,
            authenticator="SNOWFLAKE_JWT",
            private_key_file=key_file,
            private_key_file_pwd=os.environ.get(_PASSPHRASE),
        )
    except (errors.Error, OSError, ValueError, TypeError) as problem:
        raise WarehouseError(f"Snowflake account {account.account}: {' '.join(str(problem).split())}") from None
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
