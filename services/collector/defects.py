"""Log an unexpected exception without what it may quote."""

import logging
import traceback

_log = logging.getLogger(__name__)


def log_defect(what: str, error: BaseException) -> None:
    """Log where an unexpected exception came from; its text stays out, for it may quote a request."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown place"
    _log.error("%s: %s at %s", what, type(error).__name__, place)
