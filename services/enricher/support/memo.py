"""What was made of the last keys: for pure functions of short texts of which few are in use at once."""

from collections.abc import Callable, Hashable


class Memo[Key: Hashable, Made](dict[Key, Made]):
    """A dictionary that makes what it does not hold, and is emptied when it holds `size`.

    `short` tells whether a key may be kept at all: it bounds the memory, and keeps out what could name a person.
    Raises what `make` raises, and then keeps nothing.
    """

    def __init__(self, make: Callable[[Key], Made], size: int, short: Callable[[Key], bool] = lambda _: True) -> None:
        super().__init__()
        self._make = make
        self._size = size
        self._short = short

    def __missing__(self, key: Key) -> Made:
        made = self._make(key)
        if self._short(key):
            if len(self) >= self._size:
                self.clear()
            self[key] = made
        return made
