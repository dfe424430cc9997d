from __future__ import annotations

import json
import threading
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest
from snowveil_localstack.lambda_process.runtime_api import MAX_RESPONSE_BYTES, Invocation, RuntimeApi

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = "/2018-06-01/runtime/"


@pytest.fixture
def api() -> Iterator[RuntimeApi]:
    api = RuntimeApi()
    yield api
    api.close()


def request(api: RuntimeApi, method: str, path: str, body: bytes | Iterator[bytes] | None = None) -> tuple[int, bytes]:
    connection = HTTPConnection(api.address, timeout=60)
    connection.request(method, PATH + path, body, encode_chunked=False)
    response = connection.getresponse()
    answer = (response.status, response.read())
    connection.close()
    return answer


def invocation(request_id: str = "1") -> Invocation:
    return Invocation(request_id, "arn", "trace", b'{"a": 1}', 123)


def test_an_invocation_goes_to_the_process_and_its_result_back(api: RuntimeApi) -> None:
    one = invocation()
    api.submit(one)
    assert request(api, "GET", "invocation/next") == (200, b'{"a": 1}')
    assert api.ready.is_set()
    assert request(api, "POST", "invocation/1/response", b"[]")[0] == 202
    assert (one.result, one.is_error) == (b"[]", False)
    assert one.done.is_set()


def test_a_body_may_come_in_chunks(api: RuntimeApi) -> None:
    one = invocation()
    api.submit(one)
    assert request(api, "POST", "invocation/1/error", iter([b"ab", b"c" * 20]))[0] == 202
    assert (one.result, one.is_error) == (b"ab" + b"c" * 20, True)


@pytest.mark.parametrize(("size", "status"), [(MAX_RESPONSE_BYTES, 202), (MAX_RESPONSE_BYTES + 1, 413)])
def test_a_response_over_the_limit_is_refused(api: RuntimeApi, size: int, status: int) -> None:
    one = invocation()
    api.submit(one)
    assert request(api, "POST", "invocation/1/response", b"x" * size)[0] == status
    assert one.is_error == (status == 413)
    if one.is_error:
        assert json.loads(one.result)["errorType"] == "Function.ResponseSizeTooLarge"


def test_a_late_result_changes_nothing(api: RuntimeApi) -> None:
    one, two = invocation("1"), invocation("2")
    api.submit(one)
    one.finish(b"timed out", is_error=True)
    api.submit(two)
    assert request(api, "POST", "invocation/1/response", b"late")[0] == 202
    assert one.result == b"timed out"
    assert not two.done.is_set()


def test_an_init_error_makes_it_ready(api: RuntimeApi) -> None:
    assert request(api, "POST", "init/error", b"{}")[0] == 202
    assert api.ready.is_set()
    assert api.init_error == b"{}"


def test_closing_releases_the_process_that_waits(api: RuntimeApi) -> None:
    answers: list[tuple[int, bytes]] = []
    waiting = threading.Thread(target=lambda: answers.append(request(api, "GET", "invocation/next")))
    waiting.start()
    assert api.ready.wait(60)
    api.close()
    waiting.join(60)
    assert [status for status, _ in answers] == [410]


def test_an_unknown_path_is_not_found(api: RuntimeApi) -> None:
    assert request(api, "GET", "other")[0] == 404
    assert request(api, "POST", "invocation/1/other", b"")[0] == 404
