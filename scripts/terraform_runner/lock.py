"""One command at a time on one environment: two would write each other's tree, plan and record under build/.

The state's own lock protects the account; this one protects the files of this checkout.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import getpass
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from scripts.terraform_runner.environment import TerraformError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.terraform_runner.environment import Environment

FILE = "lock.json"


class EnvironmentInUseError(TerraformError):
    """Another command is at work on the environment; the text says which, whose, and since when."""

    exit_code = os.EX_TEMPFAIL


class Holder(msgspec.Struct, frozen=True):
    """Who holds an environment. `since` is in UTC."""

    command: str
    user: str
    host: str
    process: int
    since: dt.datetime

    @classmethod
    def this_process(cls) -> Holder:
        """Return what others are to read of this process."""
        return cls(
            command=Path(sys.argv[0]).stem,
            user=_user(),
            host=socket.gethostname(),
            process=os.getpid(),
            since=dt.datetime.now(dt.UTC),
        )


@contextlib.contextmanager
def exclusive(environment: Environment) -> Iterator[None]:
    """Hold the environment's files for this process alone. Raises EnvironmentInUseError when another one holds them.

    The operating system drops the lock when its holder ends, however it ends: no lock is ever left behind.
    """
    environment.build.mkdir(parents=True, exist_ok=True)
    path = environment.build / FILE
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EnvironmentInUseError(f"{environment.name} is in use: {_described(path)}: wait for it") from None
        file.truncate(0)
        file.write(msgspec.json.encode(Holder.this_process()))
        file.flush()
        yield


def _user() -> str:
    try:
        return getpass.getuser()
    except OSError:  # a container's user may have no name
        return f"user {os.getuid()}"


def _described(path: Path) -> str:
    try:
        holder = msgspec.json.decode(path.read_bytes(), type=Holder)
    except (OSError, msgspec.MsgspecError):
        return "another process took it just now"
    since = holder.since.astimezone(dt.UTC)
    return f"`{holder.command}` of {holder.user}@{holder.host}, process {holder.process}, since {since:%F %T} UTC"
