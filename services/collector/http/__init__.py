"""HTTP/1.1 on a socket: bytes in, complete requests out, responses back."""
