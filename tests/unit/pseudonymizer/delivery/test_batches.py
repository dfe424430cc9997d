"""A batch of any mixture has the answers, counts and reasons that its records have one by one."""

import contextlib
import io
import json
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_src.pseudonymizer.delivery import batch
from lambda_src.pseudonymizer.delivery.quarantine import Rejected
from lambda_src.pseudonymizer.errors import Reason
from lambda_src.pseudonymizer.key import Ring
from lambda_src.pseudonymizer.policy import policy
from lambda_src.pseudonymizer.transform import bound_policy
from lambda_src.pseudonymizer.transform.actions import MOST_UNKNOWN
from scripts.rehearsal.canaries import Canaries
from tests.unit.pseudonymizer.samples import (
    CONTEXTS,
    KEY,
    LINK_CLICK,
    PAGE_VIEW,
    POLICY_FILE,
    STANDARD,
    UNSTRUCT,
    CanaryEvents,
    dump,
    record,
    wrap,
)  # fmt: skip
from tools.bench import gitlab_events
from wire.columns import INDEX

RULES = policy.load(POLICY_FILE)
MAKE = bound_policy.make
TIMING = "iglu:org.w3/PerformanceTiming/jsonschema/1-0-0"
DEFECT = "a text that our own code cannot bear"
USUAL = gitlab_events.events(5)


class Keys:
    age = 0.0

    def current(self) -> Ring:
        return Ring("k1", (KEY,))


class Quarantine:
    def __init__(self) -> None:
        self.reasons: dict[str, Reason] = {}

    def write(self, rejected: list[Rejected]) -> list[bool]:
        self.reasons |= {str(each.record["recordId"]): each.reason for each in rejected}
        return [True] * len(rejected)


def defective_plan(rules: policy.Policy, ring: Sequence[bytes]) -> bound_policy.Plan:
    made = MAKE(rules, ring)

    def with_defect(text: str) -> str:
        if text == DEFECT:
            raise RuntimeError(text)
        return made.actions.pseudonymize(text)

    return replace(
        made,
        cells=tuple((place, with_defect if place == INDEX["user_id"] else action) for place, action in made.cells),
    )


class Function:
    """A delivery whose records are sent together or one by one."""

    def __init__(self, delivery: str) -> None:
        self._quarantine = Quarantine()
        keys: Any = Keys()
        quarantine: Any = self._quarantine
        with patch.object(bound_policy, "make", defective_plan):
            self._pseudonymizer = batch.Pseudonymizer(delivery, RULES, keys, quarantine)
            self._pseudonymizer.answer([])

    def send(self, batches: list[list[batch.Record]]) -> tuple[list[object], dict[str, Reason], Counter[str]]:
        """Return answers, reasons by record, and what the log counts: metrics, and the unknown by name."""
        self._quarantine.reasons = {}
        answers: list[object] = []
        counts: Counter[str] = Counter()
        for records in batches:
            log = io.StringIO()
            with contextlib.redirect_stdout(log):
                answers += self._pseudonymizer.answer(records)
            line = json.loads(log.getvalue())
            counts.update(line.pop("UnknownAttributes"))
            counts.update({name: number for name, number in line.items() if isinstance(number, int)})
        return answers, self._quarantine.reasons, counts


FUNCTIONS = {delivery: Function(delivery) for delivery in batch.FORMATS}


def records_of(originals: list[bytes]) -> list[batch.Record]:
    return [
        {"recordId": f"r{number}", "data": b64encode(each).decode(), "approximateArrivalTimestamp": 1}
        for number, each in enumerate(originals)
    ]


def compare(delivery: str, originals: list[bytes]) -> tuple[dict[str, Reason], Counter[str]]:
    records = records_of(originals)
    function = FUNCTIONS[delivery]
    together, alone = function.send([records]), function.send([[each] for each in records])
    assert together[:2] == alone[:2]
    del together[2]["MostPseudonyms"], alone[2]["MostPseudonyms"]  # of one record: no sum
    if len(alone[2]) < MOST_UNKNOWN:  # of more the first are named, which depend on the order
        assert together[2] == alone[2]
    return together[1], together[2]


WHAT_A_PROPERTY_MAY_BE: st.SearchStrategy[object] = st.sampled_from(
    [
        *("", "production", "premium", "x", "1", None, True, False, 0, 7, -7, 123456, 10**12, 2**70, 1.5),
        *([], {}, ["a", 1], {"a": None}, [{"a": 1}], {"a": {"b": [[]]}}),
        wrap(STANDARD, {"plan": "free", "user_id": 3}),
    ]
)
ENTITIES = st.builds(
    wrap,
    st.sampled_from([STANDARD, LINK_CLICK, TIMING, "iglu:com.alice/x/jsonschema/1-0-0"]) | st.just("alice"),
    st.permutations(["environment", "plan", "user_id"]).flatmap(
        lambda names: st.fixed_dictionaries(dict.fromkeys(names, WHAT_A_PROPERTY_MAY_BE))
    )
    | st.fixed_dictionaries(dict.fromkeys(["loadEventEnd", "targetUrl"], WHAT_A_PROPERTY_MAY_BE))
    | st.dictionaries(st.sampled_from(["is_gitlab_team_member", "extra", "id", "alice"]), WHAT_A_PROPERTY_MAY_BE)
    | WHAT_A_PROPERTY_MAY_BE,
)
CONTEXTS_CELLS = st.builds(lambda entities: dump(wrap(CONTEXTS, entities)), st.lists(ENTITIES, max_size=4))
JSON_CELLS = (
    CONTEXTS_CELLS
    | CONTEXTS_CELLS.map(lambda text: text.replace(":", " : "))
    | CONTEXTS_CELLS.map(lambda text: text.replace('"data"', '"data":1,"data"', 1))
    | CONTEXTS_CELLS.map(lambda text: text[:-1])
    | st.builds(lambda depth: dump(wrap(CONTEXTS, [])).replace("[]", "[" * depth + "]" * depth), st.integers(90, 110))
    | st.sampled_from(["[]", "alice", dump({"data": [], "schema": CONTEXTS}), dump(wrap(UNSTRUCT, []))])
)
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "contexts": JSON_CELLS,
        "derived_contexts": JSON_CELLS,
        "unstruct_event": ENTITIES.map(lambda entity: dump(wrap(UNSTRUCT, entity))) | JSON_CELLS,
        **{
            name: st.sampled_from(["", "gitlab", "web", "7", "192.0.2.7", "https://gitlab.com/a?state=opened&q=b", "é"])
            for name in ("app_id", "platform", "user_ipaddress", "page_url", "page_urlquery", "geo_country", "txn_id")
        },
        "user_id": st.sampled_from(["alice", "bob", DEFECT]),
    },
).map(lambda cells: record(**{**PAGE_VIEW, **cells}))
EVENTS = (
    CELLS
    | st.sampled_from(USUAL)
    | CELLS.map(lambda event: event + b"\t")
    | CELLS.map(lambda event: event + b"\xff")
    | st.sampled_from([b"", b'{"alice":1}'])
)


@settings(max_examples=150, deadline=None)
@given(st.lists(EVENTS, max_size=8))
def test_events_of_a_batch_come_out_as_they_do_alone(originals: list[bytes]) -> None:
    compare("output", originals)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_canaries_in_a_batch_come_out_as_they_do_alone(data: st.DataObject) -> None:
    events = CanaryEvents(Canaries())
    originals = [record(**events.event(data.draw)) for _ in range(data.draw(st.integers(2, 4)))]
    assert compare("output", originals * 2)[0] == {}


@settings(max_examples=40, deadline=None)
@given(st.lists(ENTITIES.map(lambda entity: dump(entity).encode()) | EVENTS, max_size=6))
def test_failed_events_of_a_batch_come_out_as_they_do_alone(originals: list[bytes]) -> None:
    compare("enriched-bad", originals)


def test_each_of_many_is_refused_for_its_own_reason_and_the_others_are_delivered() -> None:
    good, deep = record(**PAGE_VIEW), "[" * 200 + "]" * 200
    originals = [good, b"\xff", record(contexts="x"), good, record(user_id=DEFECT), b"", good, record(contexts=deep)]
    reasons, counts = compare("output", originals)
    assert reasons == {
        "r1": Reason.NOT_UTF8,
        "r2": Reason.NOT_JSON,
        "r4": Reason.INTERNAL_ERROR,
        "r5": Reason.WRONG_COLUMN_COUNT,
        "r7": Reason.NESTED_TOO_DEEP,
    }
    assert counts["Delivered"] == 3
    alone = compare("output", [good])[1]
    assert counts["AttributesAllowed"] == 3 * alone["AttributesAllowed"]


def test_objects_of_the_same_keys_in_another_order_and_columns_of_which_only_some_are_shown() -> None:
    standard = [{"plan": "premium", "user_id": 1}, {"user_id": "premium", "plan": "alice"}, {"plan": "", "user_id": 1}]
    timing = [{"loadEventEnd": 1767323045678}, {"loadEventEnd": 7}, {"loadEventEnd": -1}, {"loadEventEnd": 10**13}]
    entities = [wrap(STANDARD, data) for data in standard] + [wrap(TIMING, data) for data in timing]
    reasons, counts = compare(
        "output",
        [
            record(collector_tstamp="2026-01-02 03:04:05.600", contexts=dump(wrap(CONTEXTS, [each])))
            for each in entities
        ],
    )
    assert reasons == {}
    assert counts["AttributesAllowed"] == 2 * len(entities) + 2
    assert counts["AttributesPseudonymized"] == 4
    assert counts["AttributesErased"] == counts["AttributesOutOfTime"] == 3


@pytest.mark.parametrize(
    "entity",
    [
        wrap(STANDARD, {"user_id": 1, "plan": "premium"}),
        wrap(STANDARD, {"plan": ["premium"], "user_id": {"id": 1}}),
        wrap("iglu:com.alice/x/jsonschema/1-0-0", {"plan": "premium"}),
    ],
    ids=["usual", "nested", "unknown"],
)
def test_what_is_not_written_as_most_are_is_treated_the_same(entity: object) -> None:
    wrapped = wrap(CONTEXTS, [entity])
    usual, spaced = record(contexts=dump(wrapped)), record(contexts=json.dumps(wrapped, indent=1).replace("\n", " "))
    (first, second), reasons, _ = FUNCTIONS["output"].send([records_of([usual, spaced])])
    assert reasons == {}
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert first["data"] == second["data"]
