"""Listening sockets."""

import socket

_ANY_IPV6 = "::"


def listen(interface: str, port: int, *, shares_port: bool = False) -> socket.socket:
    """Return a listening socket; `::` is every address, IPv4 too. Raises OSError."""
    if interface == _ANY_IPV6 and socket.has_dualstack_ipv6():
        return socket.create_server(
            (interface, port),
            family=socket.AF_INET6,
            backlog=1024,
            reuse_port=shares_port,
            dualstack_ipv6=True,
        )
    family = socket.AF_INET6 if ":" in interface else socket.AF_INET
    return socket.create_server((interface, port), family=family, backlog=1024, reuse_port=shares_port)
