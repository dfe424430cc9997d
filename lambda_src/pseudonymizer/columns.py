"""A column: the texts that stand in the same place of many events, treated at once."""

from collections.abc import Sequence

from lambda_src.pseudonymizer.actions import ColumnAction


def treat(column: Sequence[str | None], action: ColumnAction) -> Sequence[str | None]:
    """Return what is shown of a column; the column itself when all stays. Empty texts and None stay, uncounted."""
    if not any(column):
        return column
    filled = [text for text in column if text]
    shown = action(filled)
    if shown is filled:
        return column
    if len(filled) == len(column):
        return shown
    rest = iter(shown)
    return [next(rest) if text else text for text in column]
