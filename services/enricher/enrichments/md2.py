"""MD2 (RFC 1319): Snowplow's pii enrichment offers it, and no library that is kept still does.

It is broken as a hash, and here only so that an old configuration gives the values that it always gave.
"""

from collections.abc import Iterator

_BLOCK, _ROUNDS = 16, 18


def md2(message: bytes) -> str:
    """Return the digest, 32 lower-case hex digits."""
    padding = _BLOCK - len(message) % _BLOCK
    message += bytes([padding]) * padding
    message += _checksum(message)
    state = [0] * (3 * _BLOCK)
    for start in range(0, len(message), _BLOCK):
        block = message[start : start + _BLOCK]
        state[_BLOCK:] = [*block, *(new ^ old for new, old in zip(block, state, strict=False))]
        last = 0
        for number in range(_ROUNDS):
            for position in range(len(state)):
                state[position] ^= _TABLE[last]
                last = state[position]
            last = (last + number) % 256
    return bytes(state[:_BLOCK]).hex()


def _checksum(message: bytes) -> bytes:
    checksum, last = [0] * _BLOCK, 0
    for position, byte in enumerate(message):
        checksum[position % _BLOCK] ^= _TABLE[byte ^ last]
        last = checksum[position % _BLOCK]
    return bytes(checksum)


def _pi() -> Iterator[int]:
    """Yield the decimal digits of pi (Gibbons' spigot)."""
    q, r, t, k, n, m = 1, 0, 1, 1, 3, 3
    while True:
        if 4 * q + r - t < n * t:
            yield n
            q, r, n = 10 * q, 10 * (r - n * t), 10 * (3 * q + r) // t - 10 * n
        else:
            q, r, t, k, n, m = q * k, (2 * q + r) * m, t * m, k + 1, (q * 7 * k + 2 + r * m) // (t * m), m + 2


def _substitution() -> list[int]:
    """Return the table: 0 to 255 shuffled by the digits of pi, as the RFC's authors chose it."""
    table, digits = list(range(256)), _pi()
    for count in range(2, 257):
        width = len(str(count - 1))
        while True:
            number = int("".join(str(next(digits)) for _ in range(width)))
            if number < 10**width // count * count:
                break
        table[count - 1], table[number % count] = table[number % count], table[count - 1]
    return table


_TABLE = _substitution()
