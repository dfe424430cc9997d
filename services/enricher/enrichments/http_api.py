"""The calls of the API request enrichment: one at a time, bounded in time and size, answers kept for a while."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import urllib3
from cachetools import LRUCache

from services.enricher.support import http
from services.enricher.text import exact_json
from services.enricher.text.exact_json import ExactJsonError

_MAX_BYTES = 1_000_000
# A service that does not answer would hold up the whole stream, one timeout for each event.
_MAX_FAILURES, _PAUSE_SECONDS = 5, 30.0
_ERROR_SHARE = 10  # an error is remembered for this part of an answer's time
_OK = range(200, 300)


class ApiError(Exception):
    """A call gave nothing that can be used; the text quotes neither request nor answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call; `body` is JSON."""

    method: str
    url: str
    body: str | None


class Client:
    """Calls one service; `timeout` in seconds, `authentication` is user and password."""

    def __init__(
        self, timeout: float, authentication: tuple[str, str] | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        # Without retries a redirect is an answer too.
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(total=timeout), retries=False)
        headers = {"Accept": "application/json"}
        if authentication is not None:
            headers |= urllib3.util.make_headers(basic_auth=":".join(authentication))
        self._headers = headers
        self._timeout = timeout
        self._clock = clock
        self._failures, self._paused_until = 0, 0.0

    def call(self, request: Request) -> object:
        """Return the answer's JSON. Raises ApiError; after five calls without answer for 30 s without a call."""
        if self._clock() < self._paused_until:
            raise ApiError("the API does not answer and is not called for now")
        try:
            status, body = self._send(request)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            self._failures += 1
            if self._failures >= _MAX_FAILURES:
                self._failures, self._paused_until = 0, self._clock() + _PAUSE_SECONDS
            raise ApiError(f"the API does not answer: {type(error).__name__}") from None
        self._failures = 0
        if status not in _OK:
            raise ApiError(f"the API answers with status {status}")
        if len(body) > _MAX_BYTES:
            raise ApiError(f"the API's answer is larger than {_MAX_BYTES} bytes")
        try:
            return _plain(exact_json.parse(body).value)
        except ExactJsonError as error:
            raise ApiError(f"the API's answer is {error}") from None

    def _send(self, request: Request) -> tuple[int, bytes]:
        headers = self._headers if request.body is None else {**self._headers, "Content-Type": "application/json"}
        response = self._pool.request(
            request.method, request.url, body=request.body, headers=headers, preload_content=False
        )
        try:
            body = http.read(response, _MAX_BYTES, self._timeout)
            if len(body) > _MAX_BYTES:
                response.close()
        finally:
            response.release_conn()
        return response.status, body


@dataclass(slots=True)
class _Kept:
    until: float
    answer: object
    error: ApiError | None


class Cache:
    """The last answers, `size` at most, each for `ttl` seconds, an error for a tenth of it.

    While a service fails, its last good answer is given again.
    """

    def __init__(self, size: int, ttl: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl, self._clock = ttl, clock
        self._kept: LRUCache[Request, _Kept] = LRUCache(size)

    def get(self, request: Request, call: Callable[[Request], object]) -> object:
        """Return the kept answer or that of `call`. Raises ApiError."""
        kept = self._kept.get(request)
        if kept is None or self._clock() >= kept.until:
            kept = self._renew(request, kept, call)
        if kept.error is not None:
            raise kept.error
        return kept.answer

    def _renew(self, request: Request, old: _Kept | None, call: Callable[[Request], object]) -> _Kept:
        try:
            new = _Kept(0.0, call(request), None)
            new.until = self._clock() + self._ttl
        except ApiError as error:
            had_answer = old is not None and old.error is None
            new = _Kept(0.0, old.answer if old is not None else None, None if had_answer else error)
            new.until = self._clock() + self._ttl / _ERROR_SHARE
        if self._kept.maxsize >= 1:
            self._kept[request] = new
        return new


def _plain(value: object) -> object:
    """Return JSON with its fractions as floats, which are written as they are."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [_plain(element) for element in value]
    if isinstance(value, dict):
        return {key: _plain(element) for key, element in value.items()}
    return value
