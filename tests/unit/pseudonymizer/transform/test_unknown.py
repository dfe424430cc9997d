"""What the policy does not name is counted, and named only as far as the policy names it elsewhere."""

import pytest

from lambda_src.pseudonymizer.formats import enriched_event
from lambda_src.pseudonymizer.transform.actions import MOST_UNKNOWN
from tests.unit.pseudonymizer.samples import CONTEXTS, CSP, STANDARD, dump, make_plan, pseudonym, record, wrap


def hidden(name: str) -> str:
    return pseudonym(name, "name")


STANDARD_CRITERION = "iglu:com.gitlab/gitlab_standard/jsonschema/1-*-*"


def unknown(schema: str, data: object) -> tuple[int, dict[str, int]]:
    plan = make_plan()
    enriched_event.make(plan).line(record(contexts=dump(wrap(CONTEXTS, [wrap(schema, data)]))))
    return plan.actions.counts.unknown, dict(plan.actions.counts.unknown_each)


@pytest.mark.parametrize(
    ("schema", "data", "expected"),
    [
        (STANDARD, {"user_id": 1, "extra": {"alice": 1}}, []),
        (STANDARD, {"elementId": 1}, [f"{STANDARD_CRITERION} elementId"]),
        (STANDARD, {"alice@example.com": 1}, [f"{STANDARD_CRITERION} {hidden('alice@example.com')}"]),
        ("iglu:com.gitlab/user_context/jsonschema/1-0-0", {"alice": 1},
         [f"iglu:com.gitlab/user_context/jsonschema/1-*-* {hidden('alice')}"]),
        (f"{CSP}/submit_form/jsonschema/1-0-0", {"elements": [{"plan": "x"}]},
         [f"iglu:{CSP[5:]}/submit_form/jsonschema/1-*-* plan"]),
        ("iglu:com.gitlab/gitlab_standard/jsonschema/2-0-0", {"alice": 1},
         ["iglu:com.gitlab/gitlab_standard/jsonschema/99-0-0"]),
        ("iglu:com.gitlab/alice/jsonschema/1-0-0", {}, [f"iglu:com.gitlab/{hidden('alice')}/jsonschema/99-0-0"]),
    ],
    ids=["all named", "named elsewhere", "personal key", "free schema", "nested", "new version", "new schema"],
)  # fmt: skip
def test_new_attributes_and_schemas_are_counted(schema: str, data: object, expected: list[str]) -> None:
    assert unknown(schema, data) == (len(expected), dict.fromkeys(expected, 1))


def test_a_sender_who_invents_names_fills_no_log() -> None:
    total, each = unknown(STANDARD, {f"alice{number}": number for number in range(1000)})
    assert total == 1000
    assert len(each) == MOST_UNKNOWN


def test_counting_begins_anew_with_each_batch() -> None:
    plan = make_plan()
    plan.actions.counts.note_unknown("x")
    plan.actions.counts.reset()
    assert (plan.actions.counts.unknown, dict(plan.actions.counts.unknown_each)) == (0, {})
