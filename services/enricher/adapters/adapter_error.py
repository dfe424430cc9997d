"""What every adapter raises for a request that holds no events."""

from wire.failed_events import FailureKind, Json


class AdapterError(Exception):
    """The request holds no events; `kind` and `messages` are those of its failed event, never of a log."""

    def __init__(self, kind: FailureKind, messages: list[Json]) -> None:
        super().__init__(kind.name)
        self.kind = kind
        self.messages = messages
