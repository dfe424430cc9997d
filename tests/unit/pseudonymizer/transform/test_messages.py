from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.pseudonymizer.policy import policy
from lambda_src.pseudonymizer.transform.known_names import KnownNames
from lambda_src.pseudonymizer.transform.messages import LONGEST_MESSAGE, Messages
from scripts.rehearsal.canaries import Canaries
from tests.unit.pseudonymizer.samples import POLICY_FILE, make_actions, pseudonym

ACTIONS = make_actions()
NAMES = KnownNames.of(policy.load(POLICY_FILE), ACTIONS)
N = partial(pseudonym, domain="name")
P = pseudonym
MESSAGE = Messages(NAMES, ACTIONS).message
UNREADABLE_URI = (
    "Provided URI could not be parsed, neither by Java parsing (error: [Illegal character at index 5]) "
    "nor by Scala parsing (error: [Expected authority])."
)


@pytest.mark.parametrize(
    "text",
    [
        "Not a valid UUID",
        "Field is longer than maximum allowed size 255",
        "Does not conform to regex (\\d+)x(\\d+)",
        "Cannot be converted to java.math.BigDecimal. Error : not a decimal number",
        "Formatting as a year outside 0..9999 is not Redshift-compatible",
        "error deserializing raw event: Unrecognized type 110",
        "error deserializing raw event: Reached end of bytes when parsing as thrift format",
        "path does not match (/)vendor/version(/) nor is a legacy /i(ce.png) request",
        "expected one of application/json, application/json; charset=utf-8, application/json; charset=UTF-8",
        "$.user_id: does not fulfil type of the schema (#/properties/user_id/type)",
        "$.*: does not fulfil additionalProperties of the schema (#/additionalProperties)",
        "$.feature_enabled_by_namespace_ids[3]: does not fulfil type of the schema (#/properties/items/type)",
        "invalid json: maximum allowed JSON depth exceeded",
        "invalid json: JSON is malformed: invalid character (byte 0)",
        "oversized collector payload: GET requests cannot be split",
        "oversized collector payload: Payload exceeds max size of 1048576. Actual length: 1048600",
        "Enriched event exceeds the maximum allowed size of 1000000 bytes",
        "the API answers with status 500",
        "the API's answer is invalid json: Input data was truncated",
        UNREADABLE_URI,
        "INVALID_IGLUURI",
    ],
)
def test_texts_that_quote_nothing_are_shown(text: str) -> None:
    assert MESSAGE(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "Cannot be converted to java.math.BigDecimal. Error : alice",
            "Cannot be converted to java.math.BigDecimal. Error : <value>",
        ),
        ("invalid json: got 'alice'", "invalid json: <value>"),
        ("the API does not answer: alice", "the API does not answer: <value>"),
        (
            "Provided URI [https://alice] could not be parsed, neither by Java parsing (error: [alice])",
            "Provided URI [<value>] could not be parsed, neither by Java parsing <value>",
        ),
        (
            "$.alice: does not fulfil type of the schema (#/properties/alice/type)",
            f"$.{N('alice')}: does not fulfil type of the schema (#/properties/{N('alice')}/type)",
        ),
        ("alice is not a number", P("alice is not a number")),
        ("Not a valid UUID: alice", P("Not a valid UUID: alice")),
        (" Not a valid UUID", P(" Not a valid UUID")),
    ],
)
def test_texts_that_quote_are_rebuilt_without_it(text: str, shown: str) -> None:
    assert MESSAGE(text) == shown


@given(
    st.sampled_from(["invalid json: {}", "$.{}: does not fulfil {} of the schema (#/{})", "{}", "Provided URI [{}] {}"])
)
def test_no_value_in_a_text_is_shown(template: str) -> None:
    canaries = Canaries()
    for value in (canaries.text("a"), canaries.bare("a"), str(canaries.number("a")), canaries.ipv6("a")):
        text = template.replace("{}", value)
        assert canaries.search("message", MESSAGE(text).encode()) == []


def test_a_long_text_is_hashed_whole() -> None:
    text = "invalid json: " + "x" * LONGEST_MESSAGE
    assert MESSAGE(text) == P(text)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("$.user_id", "$.user_id"),
        ("/session_cookies/0/measurement_id", "/session_cookies/0/measurement_id"),
        ("$.alice", f"$.{N('alice')}"),
        ("eid", "eid"),
        ("vendor/version", "vendor/version"),
        ("10.1.2.3", ".".join(map(N, ("10", "1", "2", "3")))),
        ("$.items[12345]", f"$.items[{N('12345')}]"),
    ],
)
def test_paths_show_known_names_and_small_indices(path: str, shown: str) -> None:
    assert NAMES.property_path(path) == shown


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("iglu:com.gitlab/gitlab_standard/jsonschema/1-0-0", "iglu:com.gitlab/gitlab_standard/jsonschema/1-0-0"),
        ("iglu:com.gitlab/alice/jsonschema/1-0-0", f"iglu:com.gitlab/{N('alice')}/jsonschema/99-0-0"),
        ("iglu:com.alice/web_page/jsonschema/1-0-0", f"iglu:{N('com.alice')}/web_page/jsonschema/99-0-0"),
        ("iglu:com.gitlab/web_page/alice/1-0-0", f"iglu:com.gitlab/web_page/{N('alice')}/99-0-0"),
        # Not a version by Iglu's grammar: the whole text is one value.
        (
            "iglu:com.gitlab/web_page/jsonschema/1-0-4111111111",
            N("iglu:com.gitlab/web_page/jsonschema/1-0-4111111111"),
        ),
        ("iglu:com.gitlab/gitlab_standard/jsonschema/1-55-99", "iglu:com.gitlab/gitlab_standard/jsonschema/1-55-99"),
        ("iglu:com.gitlab/gitlab_standard/jsonschema/1-555-123", "iglu:com.gitlab/gitlab_standard/jsonschema/99-0-0"),
        ("iglu:com.gitlab/gitlab_standard/jsonschema/55-51-23", "iglu:com.gitlab/gitlab_standard/jsonschema/99-0-0"),
        ("iglu:com.gitlab/web_page/jsonschema/1-0-0", "iglu:com.gitlab/web_page/jsonschema/99-0-0"),
        ("iglu:com.gitlab/web_page/jsonschema/1-0-*", N("iglu:com.gitlab/web_page/jsonschema/1-0-*")),
        (
            "iglu:com.gitlab/web_page/jsonschema/1-0-" + "9" * 5000,
            N("iglu:com.gitlab/web_page/jsonschema/1-0-" + "9" * 5000),
        ),
        ("alice", N("alice")),
    ],
)
def test_schema_keys_show_known_names(uri: str, shown: str) -> None:
    assert NAMES.schema_key(uri) == shown
