"""A policy that allows everything must be noticed by the search that the other tests rely on."""

import dataclasses

from lambda_src.pseudonymizer.formats import enriched_event, failed_event
from lambda_src.pseudonymizer.policy import policy
from lambda_src.pseudonymizer.policy.policy import Allow, Policy, Vocabulary
from scripts.rehearsal.canaries import Canaries
from tests.unit.pseudonymizer.samples import CONTEXTS, POLICY_FILE, STANDARD, dump, make_plan, record, wrap

ANYTHING = Allow(Vocabulary(pattern=r"[\s\S]*"))


def allow_all() -> Policy:
    shipped = policy.load(POLICY_FILE)
    return dataclasses.replace(
        shipped,
        columns={name: rule if rule == "by_schema" else ANYTHING for name, rule in shipped.columns.items()},
        schemas={
            criterion: {
                path: rule if rule in ("columns", "parameter", "header") else ANYTHING
                for path, rule in properties.items()
            }
            for criterion, properties in shipped.schemas.items()
        },
    )


def test_an_allow_all_policy_shows_canaries_in_columns_contexts_and_failed_events() -> None:
    plan = make_plan(allow_all())
    for name in ("user_id", "page_title", "app_id", "se_label"):
        canaries = Canaries()
        line = enriched_event.make(plan).line(record(**{name: canaries.text(name)}))
        assert canaries.search("line", line.encode())
    canaries = Canaries()
    contexts = dump(wrap(CONTEXTS, [wrap(STANDARD, {"user_id": canaries.text("user_id")})]))
    assert canaries.search("line", enriched_event.make(plan).line(record(contexts=contexts)).encode())
    bad = wrap(
        "iglu:com.snowplowanalytics.snowplow.badrows/size_violation/jsonschema/1-0-0",
        {"payload": canaries.text("payload")},
    )
    assert canaries.search("line", failed_event.make(plan).line(dump(bad).encode()).encode())
