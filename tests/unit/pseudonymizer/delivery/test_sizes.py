"""The sizes that are designed together: growth of a record, answer, buffer of the delivery."""

import re
from base64 import urlsafe_b64encode

import pytest

from lambda_src.pseudonymizer.delivery import response
from lambda_src.pseudonymizer.delivery.response import Response
from lambda_src.pseudonymizer.formats import enriched_event, failed_event, provenance
from tests.unit.pseudonymizer.samples import CONTEXTS, CSP, PAGE_VIEW, ROOT, STANDARD, dump, make_plan, record, wrap
from wire.columns import COLUMNS, ColumnKind

PLAN = make_plan()
ADAPTER_FAILURE = "iglu:com.snowplowanalytics.snowplow.badrows/adapter_failures/jsonschema/1-0-0"
PAYLOAD_DATA = f"{CSP}/payload_data/jsonschema/1-0-4"
DIGITS = [1] * 20_000


def contexts(entity: object) -> str:
    return dump(wrap(CONTEXTS, [entity]))


def inside(entity: object, texts: int) -> dict[str, object]:
    """Return a failed event whose body is a text that holds contexts as a text, which hold `entity`, so many times."""
    for _ in range(texts):
        body = dump(wrap(PAYLOAD_DATA, [{"co": dump(wrap(CONTEXTS, [entity]))}]))
        entity = wrap(ADAPTER_FAILURE, {"payload": {"body": body}})
    assert isinstance(entity, dict)
    return entity


MANY_DIGITS = wrap(STANDARD, {"feature_enabled_by_namespace_ids": DIGITS})
WORST = {
    "digits": (enriched_event, record(contexts=contexts(MANY_DIGITS))),
    "path": (enriched_event, record(page_url="https://gitlab.com" + "/a" * 20_000)),
    "query": (enriched_event, record(page_urlquery="&a" * 20_000)),
    "columns": (enriched_event, record(**{each.name: "a" for each in COLUMNS if each.kind is not ColumnKind.JSON})),
    "digits in a text in a text": (failed_event, dump(inside(MANY_DIGITS, 1)).encode()),
    "deeper": (failed_event, dump(inside(MANY_DIGITS, 4)).encode()),
    "base64": (failed_event, dump(wrap(PAYLOAD_DATA, [
        {"cx": urlsafe_b64encode(contexts(MANY_DIGITS).encode()).decode()}])).encode()),
    "path of a message": (failed_event, dump(wrap(ADAPTER_FAILURE, {
        "failure": {"messages": [{"field": ".a" * 20_000}]}})).encode()),
}  # fmt: skip


@pytest.mark.parametrize("name", WORST)
def test_nothing_grows_more_than_the_worst_that_is_planned_for(name: str) -> None:
    module, original = WORST[name]
    shown = module.make(PLAN).line(original)
    assert len(shown.encode()) <= response.WORST_GROWTH * len(original)


def test_the_worst_growth_is_no_exaggeration() -> None:
    _, original = WORST["digits in a text in a text"]
    assert len(failed_event.make(PLAN).line(original)) > 0.95 * response.WORST_GROWTH * len(original)


def test_a_usual_event_grows_less_than_is_planned_for() -> None:
    stamp = provenance.of_enriched_event("0" * 12, "k" * 64)
    original = record(**PAGE_VIEW)
    assert len(enriched_event.make(PLAN, stamp).line(original)) < response.PLANNED_GROWTH * len(original)


def test_the_largest_buffer_fits_at_the_planned_growth_and_terraform_refuses_a_larger_one() -> None:
    gathered = response.LARGEST_BUFFER_MB * 2**20 + response.LARGEST_RECORD_BYTES
    assert gathered * response.PLANNED_GROWTH * 4 / 3 <= response.MAXIMUM_BYTES
    module = (ROOT / "modules/delivery/variables.tf").read_text()
    assert re.findall(r"transform_buffer\.size_mb <= ([0-9.]+)", module) == [str(response.LARGEST_BUFFER_MB)]


def test_what_grew_most_displaces_no_other() -> None:
    answers = Response(["a", "b", "c", "d"])
    for position, (share, growth) in enumerate([(0.3, 30.0), (0.9, 2.0), (0.05, 20.0), (0.02, 3.0)]):
        answers.deliver(position, "x" * int(share * response.MAXIMUM_BYTES), growth)
    assert answers.withdraw_overflow() == [0]
    assert [each["result"] for each in answers.records] == ["ProcessingFailed", "Ok", "Ok", "Ok"]
    assert "data" not in answers.records[0]


def test_what_fits_stays() -> None:
    answers = Response(["a"])
    answers.deliver(0, "x" * (response.MAXIMUM_BYTES - 100), 36.0)
    assert answers.withdraw_overflow() == []
