from lambda_src.pseudonymizer.formats import enriched_event
from tests.unit.pseudonymizer.samples import make_plan
from tools.bench import gitlab_events


def test_the_bench_measures_what_it_says() -> None:
    plan = make_plan()
    transform = enriched_event.make(plan).line
    events = gitlab_events.events(50)
    for event in events:
        transform(event)
    assert plan.actions.counts.pseudonymized == len(events) * gitlab_events.PSEUDONYMIZED_VALUES
    assert plan.actions.counts.unknown == 0
    assert 2400 < sum(map(len, events)) / len(events) < 2600
    assert len(set(events)) == len(events)
