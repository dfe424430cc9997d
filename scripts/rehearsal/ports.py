"""Ports of this machine for the programs that a rehearsal starts."""

import errno
import secrets
import socket

# Below the ports that Linux gives to outgoing connections (ip_local_port_range begins at 32768), so that none of them
# takes a port between its choice here and the moment when the program listens on it.
_CHOICES = range(20_000, 32_768)


class PortTakenError(Exception):
    """The port asked for cannot be listened on; the text is one line with the remedy."""


def free_port() -> int:
    """Return a port that nothing listens on, chosen at random so that two clones rarely choose the same."""
    while not _is_free(port := secrets.choice(_CHOICES)):
        pass
    return port


def check_is_free(port: int) -> None:
    """Raise PortTakenError when another program listens on `port`."""
    if not _is_free(port):
        raise PortTakenError(f"port {port} is taken by another program: name another one, or none for any that is free")


def port_number(text: str) -> int:
    """Return the port that a command line names. Raises ValueError, as argparse expects, unless it is 1 to 65535."""
    if not 1 <= (port := int(text)) <= 65_535:
        raise ValueError(text)
    return port


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("", port)).close()
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            return False
        raise
    return True
