"""What real trackers sent arrives in raw-good as they sent it, and the enricher takes all of it."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from scripts.rehearsal.canaries import Canaries
from scripts.rehearsal.traffic import recordings
from tests.fixtures import enricher

type Collector = Any
type StartCollector = Callable[..., Any]


@pytest.mark.contract("A.1/trackers", "B.4/querystring", "B.7/header-order")
@pytest.mark.parametrize("tracker", recordings.NAMES)
def test_every_recorded_request_arrives_whole_and_enriches(collector: Collector, tracker: str) -> None:
    requests = recordings.load(tracker, Canaries())
    assert requests
    for request in requests:
        answer = collector.request(request.method, request.target, dict(request.headers), request.body)
        assert answer.status == 200, request.name
        if request.events == 0:
            assert request.method == "OPTIONS"
            assert answer.header("access-control-allow-origin") == "https://gitlab.example.com"
            continue
        (payload,) = collector.payloads(1)
        assert len(enricher.good(payload)) == request.events, request.name
        target = urlsplit(request.target)
        assert (payload.path, payload.querystring) == (target.path, target.query)
        assert payload.body == (None if request.body is None else request.body.decode())
        recorded = [f"{name}: {value}" for name, value in request.headers if name.lower() != "cookie"]
        anonymous = "sp-anonymous" in {name.lower() for name, _ in request.headers}
        assert [line for line in payload.headers if line in recorded] == recorded
        assert bool([line for line in payload.headers if line.startswith("Cookie: ")]) is (
            not anonymous and "Cookie" in dict(request.headers)
        )


@pytest.mark.parametrize("tracker", recordings.NAMES)
def test_rendered_request_holds_no_template_and_the_canaries_asked_for(tracker: str) -> None:
    canaries = Canaries()
    requests = recordings.load(tracker, canaries)
    sent = json.dumps([[request.target, request.headers, (request.body or b"").decode()] for request in requests])
    assert "{{" not in sent
    assert "%7B%7B" not in sent
    assert canaries.search(tracker, sent.encode())
    assert len(canaries.fields) == len(set(canaries.fields))
