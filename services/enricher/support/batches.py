"""Items in batches that a call, or a processor's cache, can hold."""

from collections.abc import Callable, Iterable, Iterator


def batches[Item](
    items: Iterable[Item], size: Callable[[Item], int], byte_limit: int, count_limit: int
) -> Iterator[list[Item]]:
    """Yield the items in their order, at most so many at once and of at most so many bytes; a larger one goes alone."""
    batch: list[Item] = []
    held = 0
    for item in items:
        own = size(item)
        if batch and (len(batch) == count_limit or held + own > byte_limit):
            yield batch
            batch, held = [], 0
        batch.append(item)
        held += own
    if batch:
        yield batch
