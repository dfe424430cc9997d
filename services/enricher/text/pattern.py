"""Regular expressions of a configuration, matched against a sender's text.

RE2 takes time linear in the text. Python's own engine tries every split of `(a+)+b`: 30 letters stop a shard.
What RE2 does not know, such as lookaround and back references, is refused when the configuration is read
(https://github.com/google/re2/wiki/Syntax).
"""

from collections.abc import Callable

import re2

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False  # it would write the pattern to standard error; the exception names the defect


class PatternError(ValueError):
    """The text is not a regular expression of RE2; one line with the defect."""


def full_match(pattern: str) -> Callable[[str], bool]:
    """Return a predicate: whether the pattern matches all of a text. Raises PatternError."""
    try:
        compiled = re2.compile(pattern, _OPTIONS)
    except re2.error as defect:
        said = defect.args[0] if defect.args else ""
        text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise PatternError(f"not a regular expression of RE2: {text}") from None
    # RE2 reads UTF-8, which has no lone surrogates.
    return lambda text: compiled.fullmatch(text.encode(errors="replace").decode()) is not None
