"""What can go wrong, in types whose texts never hold a value of an event or a secret."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a record goes to the quarantine instead of the lake."""

    NOT_BASE64 = "not-base64"
    NOT_UTF8 = "not-utf8"
    WRONG_COLUMN_COUNT = "wrong-column-count"
    NOT_JSON = "not-json"
    DUPLICATE_KEYS = "duplicate-keys"
    NESTED_TOO_DEEP = "nested-too-deep"
    NOT_SELF_DESCRIBING = "not-self-describing"
    TOO_MANY_VALUES = "too-many-values"
    RESPONSE_TOO_LARGE = "response-too-large"
    INTERNAL_ERROR = "internal-error"


class UnprocessableError(Exception):
    """One record cannot be transformed; the others of its batch can."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class PseudonymizerError(Exception):
    """The whole invocation fails before a record was touched: environment, policy or key are not usable."""


class PolicyError(PseudonymizerError):
    """The policy is wrong: the text names file, path and remedy."""
