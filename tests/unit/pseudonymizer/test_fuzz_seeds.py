from lambda_src.pseudonymizer.formats import enriched_event, failed_event
from lambda_src.pseudonymizer.policy import policy
from lambda_src.pseudonymizer.transform.actions import Actions
from tests.unit.pseudonymizer.samples import POLICY_FILE, make_plan
from tools.fuzz import seeds


def test_no_vocabulary_has_room_for_the_marker() -> None:
    for name, vocabulary in policy.load(POLICY_FILE).vocabularies.items():
        assert (
            Actions(lambda _domain: lambda _text: "hidden").allow(vocabulary, lambda _: "hidden")(seeds.MARKER)
            == "hidden"
        ), name


def test_the_seeds_are_read_and_their_marker_is_not_shown() -> None:
    plan = make_plan()
    for delivery, module in (("output", enriched_event), ("enriched-bad", failed_event)):
        transform = module.make(plan).line
        for seed in seeds.of(delivery):
            assert seeds.MARKER.encode() in seed
            assert seeds.MARKER not in transform(seed)
