"""What is common to calls of AWS: which errors pass by waiting, how long to wait, and what may be said of them.

botocore's error texts can quote a request, and a request here holds events: only the operation and the error code leave
this module.
"""

import logging
import random
import time
from collections.abc import Callable, Iterator

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError  # noqa: A004 - its own

# Retries are ours: botocore would send a whole batch again where a part of it failed.
CLIENT_CONFIG = Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 1, "mode": "standard"})
ERRORS = (BotoCoreError, ClientError)

_log = logging.getLogger(__name__)
_TRANSIENT = {
    "InternalFailure",
    "InternalServerError",
    "KMSThrottlingException",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ServiceUnavailable",
    "ThrottlingException",
}
_FIRST_SERVER_ERROR = 500
_MIN_SECONDS, _MAX_SECONDS = 0.1, 1.0


class AwsError(Exception):
    """AWS refuses for a reason that waiting does not change: the operation and AWS's code, in one line."""

    def __init__(self, operation: str, error: BotoCoreError | ClientError) -> None:
        self.code = error_code(error)
        super().__init__(f"{operation}: {self.code}")


def error_code(error: BotoCoreError | ClientError) -> str:
    """Return AWS's code, or botocore's name where no answer came."""
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code", "Unknown")
    return type(error).__name__


def is_transient(error: BotoCoreError | ClientError) -> bool:
    """Return whether the same call can succeed later with nothing changed."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return error_code(error) in _TRANSIENT or status >= _FIRST_SERVER_ERROR
    return isinstance(error, HTTPClientError | ConnectionError)


def attempt[Answer](operation: str, call: Callable[[], Answer]) -> Answer | None:
    """Call once; None, and a line in the log, if it can be tried again. Raises AwsError."""
    try:
        return call()
    except ERRORS as error:
        if not is_transient(error):
            raise AwsError(operation, error) from None
        _log.warning("%s: %s, trying again", operation, error_code(error))
        return None


def retry[Answer](
    operation: str, call: Callable[[], Answer | None], wait: Callable[[float], object] = time.sleep
) -> Answer:
    """Call until there is an answer; `wait` takes seconds. Raises AwsError."""
    for seconds in waits():
        if (answer := attempt(operation, call)) is not None:
            return answer
        wait(seconds)
    raise AssertionError("waits() does not end")


def waits() -> Iterator[float]:
    """Yield the seconds before each further attempt, growing to a second, jittered, without end."""
    longest = _MIN_SECONDS
    while True:
        yield random.uniform(_MIN_SECONDS, longest)  # noqa: S311 - spreads retries, guards nothing
        longest = min(2 * longest + _MIN_SECONDS, _MAX_SECONDS)
