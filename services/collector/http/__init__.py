"""HTTP/1.1 on sockets: bytes in, complete requests out, responses back. May import `request`, `config`, `defects`."""
