"""Criteria of schemas as sets of versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wire.self_describing import Criterion


def overlap(one: Criterion, other: Criterion) -> bool:
    """Return whether some schema is in both."""
    return _schema(one) == _schema(other) and all(
        a is None or b is None or a == b for a, b in zip(_version(one), _version(other), strict=True)
    )


def covers(one: Criterion, other: Criterion) -> bool:
    """Return whether every schema of `other` is in `one`."""
    return _schema(one) == _schema(other) and all(
        a is None or a == b for a, b in zip(_version(one), _version(other), strict=True)
    )


def pairs(old: Iterable[Criterion], new: Iterable[Criterion]) -> Iterator[tuple[Criterion | None, Criterion | None]]:
    """Yield what belongs together: the same, else those that overlap; None beside what has no counterpart."""
    left, right = list(old), list(new)
    for criterion in [each for each in right if each in left]:
        left.remove(criterion)
        right.remove(criterion)
        yield criterion, criterion
    for after in right:
        before = next((each for each in left if overlap(each, after)), None)
        if before is not None:
            left.remove(before)
        yield before, after
    for before in left:
        yield before, None


def _schema(criterion: Criterion) -> tuple[str, str, str]:
    return criterion.vendor, criterion.name, criterion.format


def _version(criterion: Criterion) -> tuple[int | None, int | None, int | None]:
    return criterion.model, criterion.revision, criterion.addition
