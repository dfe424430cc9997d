"""Logs: one JSON object a line on standard error. Nothing of a request may be in a message."""

import logging
import os
import time
from typing import override

import msgspec


class _JsonLines(logging.Formatter):
    @override
    def format(self, record: logging.LogRecord) -> str:
        # Without the exception's text: it may quote a request (services.collector.defects logs its kind and place).
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z",
            "level": record.levelname,
            "logger": record.name,
            "process": os.getpid(),
            "message": record.getMessage(),
        }
        return msgspec.json.encode(line).decode()


def set_up() -> None:
    """Log from INFO upwards. At DEBUG libraries log what they send, which are people's events or secrets."""
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for library in ("botocore", "urllib3", "asyncio"):
        logging.getLogger(library).setLevel(logging.WARNING)
