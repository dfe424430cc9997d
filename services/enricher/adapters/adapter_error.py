"""What every adapter raises for a request, or a part of one, that holds no events."""

from collections.abc import Sequence

from services.enricher.fields.column_plan import TrackerEvent
from wire.failed_events import FailureKind, Json


class AdapterError(Exception):
    """The request holds no events, or something beside them; `kind` and `messages` are for its failed event only.

    `events` are those that could be read all the same, and `body` then is what could not be, in the form of the body.
    """

    def __init__(
        self, kind: FailureKind, messages: list[Json], events: Sequence[TrackerEvent] = (), body: str | None = None
    ) -> None:
        super().__init__(kind.name)
        self.kind = kind
        self.messages = messages
        self.events = events
        self.body = body
