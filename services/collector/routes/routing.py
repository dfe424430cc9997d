"""Which request goes where. A path that is expected is found by its bytes.

Wire contract (docs/reference/wire-contract.md): B.1 Routing, B.2 Custom paths.
"""

from collections.abc import Callable

from services.collector.config.settings import Collector
from services.collector.request.messages import Request, Response
from services.collector.request.targets import parse
from services.collector.routes import pages
from services.collector.routes.events import Answer, Events

_PIXELS = (b"/i", b"/ice.png")

_BAD_REQUEST = Answer(Response.of(400, closes=True))
_NOT_FOUND = Answer(Response.of(404, [pages.PLAIN], b"Not found"))
_REDIRECTS_DISABLED = Answer(Response.of(404, [pages.PLAIN], b"redirects disabled"))
_SINKS_WELL = Answer(Response.of(200, [pages.PLAIN], b"ok"))
_SINKS_UNWELL = Answer(Response.of(503, [pages.PLAIN], b"Service Unavailable"))


class Routes:
    """Routes the requests of one configuration; `is_healthy` says whether both streams take records."""

    def __init__(self, config: Collector, is_healthy: Callable[[], bool]) -> None:
        self._events = Events(config)
        self._pages = pages.build(config)
        self._is_healthy = is_healthy
        self._redirects = config.enable_default_redirect
        self._mapped = {path.encode(): to.encode() for path, to in config.paths.items()}
        self._max_age = int(config.cors.access_control_max_age)

    def answer(self, request: Request) -> Answer:
        """Route a request."""
        target = parse(request.target)
        if target is None:
            return _BAD_REQUEST
        method, path = request.method, target.path
        if target.is_pair and path.startswith(b"/r/") and not self._redirects:
            return _REDIRECTS_DISABLED
        if method == b"OPTIONS":
            return Answer(self._preflight(request))
        is_read = method == b"GET" or method == b"HEAD"
        if target.is_pair and (is_read or method == b"POST"):
            return self._events.answer(request, target, self._mapped.get(path, path))
        if is_read and path in _PIXELS:
            return self._events.answer(request, target, path)
        if method == b"GET" and path == b"/sink-health":
            return _SINKS_WELL if self._is_healthy() else _SINKS_UNWELL
        page = self._pages.get(path) if method == b"GET" else None
        return _NOT_FOUND if page is None else Answer(page)

    def _preflight(self, request: Request) -> Response:
        lines = b"%bAccess-Control-Allow-Headers: Content-Type, SP-Anonymous\r\nAccess-Control-Max-Age: %d\r\n"
        return Response.with_lines(200, lines % (self._events.cors(request), self._max_age))
