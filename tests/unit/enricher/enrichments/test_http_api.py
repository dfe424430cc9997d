"""The cache of answers: how long they are kept, and what is given while a service fails."""

import pytest

from services.enricher.enrichments.http_api import ApiError, Cache, Request

CALL = Request("GET", "http://a/", None)


class Service:
    """Gives the next of its answers; None is an error."""

    def __init__(self, *answers: str | None) -> None:
        self.answers = list(answers)
        self.now = 0.0

    def __call__(self, _: Request) -> object:
        answer = self.answers.pop(0)
        if answer is None:
            raise ApiError("no")
        return answer


def cache(service: Service, size: int = 2) -> Cache:
    return Cache(size, 100.0, lambda: service.now)


def test_an_answer_is_kept_for_its_time() -> None:
    service = Service("a", "b")
    kept = cache(service)
    assert [kept.get(CALL, service) for _ in range(3)] == ["a", "a", "a"]
    service.now = 100.0
    assert kept.get(CALL, service) == "b"


def test_an_error_is_kept_for_a_tenth() -> None:
    service = Service(None, "a")
    kept = cache(service)
    for now in (0.0, 9.9):
        service.now = now
        with pytest.raises(ApiError):
            kept.get(CALL, service)
    service.now = 10.0
    assert kept.get(CALL, service) == "a"


def test_the_last_good_answer_is_given_while_errors_last() -> None:
    service = Service("a", None, None, "b")
    kept = cache(service)
    answers = []
    for now in (0.0, 100.0, 109.0, 110.0, 120.0):
        service.now = now
        answers.append(kept.get(CALL, service))
    assert answers == ["a", "a", "a", "a", "b"]


def test_the_least_recently_used_answer_goes_first() -> None:
    service = Service("a", "b", "c", "b again")
    kept = cache(service)
    calls = [Request("GET", f"http://a/{number}", None) for number in range(3)]
    assert [kept.get(calls[number], service) for number in (0, 1, 0, 2, 0, 1)] == ["a", "b", "a", "c", "a", "b again"]


def test_a_cache_of_size_zero_keeps_nothing() -> None:
    service = Service("a", "b")
    kept = cache(service, size=0)
    assert [kept.get(CALL, service) for _ in range(2)] == ["a", "b"]
