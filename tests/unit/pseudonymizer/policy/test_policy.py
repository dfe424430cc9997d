import dataclasses
import json
import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
import yaml

from lambda_src.pseudonymizer.errors import PolicyError
from lambda_src.pseudonymizer.formats import enriched_event
from lambda_src.pseudonymizer.policy import policy
from lambda_src.pseudonymizer.policy.policy import Allow, Truncate, Vocabulary
from lambda_src.pseudonymizer.policy.vocabulary import LONGEST_ALLOWED
from lambda_src.pseudonymizer.transform import bound_policy
from lambda_src.pseudonymizer.transform.actions import Actions
from scripts.policy_review import registry, rules
from tests.unit.pseudonymizer.samples import KEY, POLICY_FILE, ROOT, record
from wire.columns import COLUMNS
from wire.self_describing import SchemaKey
from wire.tracker_protocol import EVENT_TYPES, PARAMETERS, PLATFORMS, ParameterFunction

SHIPPED = policy.load(POLICY_FILE)
CONTENTS: dict[str, Any] = yaml.safe_load(POLICY_FILE.read_text())
HIDING = Actions(lambda _domain: lambda _text: "hidden")
SCHEMA = json.loads((ROOT / "policy/schema.json").read_text())
DESCRIBED = registry.properties()

# Shapes that identify a person, a device or a session.
IDENTIFIERS = (
    "alice@example.com", "Alice Smith", "alice.smith", "alice-smith", "J\u00f6rg", "/alice/project", "https://gitlab.com/a",
    "192.0.2.7", "10.0.0.1", "2001:db8::1", "[2001:db8::1]", "AA:BB:CC:DD:EE:FF", "52.5200,13.4050",
    "555.123.4567", "+49 30 1234567", "4111111111111111", "1234567890", "GA1.2.1234567890.1600000000",
    "d41d8cd98f00b204e9800998ecf8427e", "0001a1b2c3d4e5f6", "1a2b3c4d", "5B2C1C5E-2B3F-4F0E-9A67-0C1F9D6A7D11",
    "eyJhbGciOiJIUzI1NiJ9.e30.x", "x" * 65 + "1234567",
)  # fmt: skip


def test_the_shipped_policy_names_every_column_in_order() -> None:
    assert list(CONTENTS["columns"]) == [column.name for column in COLUMNS]


@pytest.mark.parametrize("key", DESCRIBED, ids=str)
def test_the_shipped_policy_names_every_property_of_every_schema(key: SchemaKey) -> None:
    described = DESCRIBED[key]
    rules = [properties for criterion, properties in SHIPPED.schemas.items() if criterion.matches(key)]
    assert len(rules) == 1, "one criterion of the policy covers the schema"
    envelope = key.name in ("contexts", "unstruct_event", "payload_data")  # treated by their content
    assert envelope or described.keys() <= set(rules[0])


def test_there_are_schemas() -> None:
    assert len(DESCRIBED) > 10


def test_the_published_schema_refuses_what_the_loader_refuses() -> None:
    for wrong in (
        broken("columns", "user_id", "alow"),
        broken("columns", "user_id", {"allow": {}}),
        broken("vocabularies", "app", {}),
        broken("schemas", "com.gitlab/x", {}),
        {**CONTENTS, "colums": {}},
    ):
        assert not jsonschema_rs.is_valid(SCHEMA, wrong)


def test_the_shipped_policy_fulfils_the_published_schema() -> None:
    assert jsonschema_rs.is_valid(SCHEMA, CONTENTS)


def test_enumerations_of_the_policy_are_those_of_the_tracker_protocol() -> None:
    values = {name: vocabulary.values for name, vocabulary in SHIPPED.vocabularies.items()}
    assert values["platform"] == PLATFORMS
    assert values["event_code"] == EVENT_TYPES.keys()
    assert values["event"] == frozenset(EVENT_TYPES.values())


_OTHER_FORMS = {ParameterFunction(name) for name in ("ts", "dims", "eventType", "b64", "raw")}


def test_parameters_that_look_different_on_the_wire_have_a_rule_of_their_own() -> None:
    different = {name for name, parameter in PARAMETERS.items() if parameter.function in _OTHER_FORMS}
    assert different <= SHIPPED.parameters.keys()


@pytest.mark.parametrize("name", SHIPPED.vocabularies)
def test_no_vocabulary_has_room_for_an_identifier(name: str) -> None:
    action = HIDING.allow(SHIPPED.vocabularies[name], lambda _: "hidden")
    assert [identifier for identifier in IDENTIFIERS if action(identifier) != "hidden"] == []


# Backtracking over these takes years where a pattern can split a text in many ways; the time limit of the test notices.
BOMBS = (
    "a" * 127 + "!",
    "1" * 127 + "!",
    "a_" * 63 + "!",
    "a:bbb" * 25 + "!",
    "counts" + "_a" * 60 + "!",
    "gpt" + "-1" * 60,
)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", SHIPPED.vocabularies)
def test_no_pattern_can_be_made_slow(name: str) -> None:
    action = HIDING.allow(SHIPPED.vocabularies[name], lambda _: "hidden")
    assert {action(bomb) for bomb in BOMBS} == {"hidden"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("category", "projects:merge_requests:show"),
        ("category", "InternalEventTracking"),
        ("category", "API::Ai::DuoWorkflows"),
        ("action", "g_edit_by_web_ide"),
        ("action", "click_button"),
        ("tracker", "js-3.24.2"),
        ("tracker", "py-1.1.0"),
        ("tracker", "js-gitlab"),
        ("app", "gitlab_sm"),
        ("model", "claude-haiku-4-5-20251001"),
        ("language", "en-US"),
        ("language", "de"),
        ("program_and_version", "snowveil-collector-0.1.0-kinesis"),
        ("program_and_version", "snowveil-enrich-0.1.0"),
    ],
)
def test_what_analytics_needs_is_allowed(name: str, text: str) -> None:
    assert HIDING.allow(SHIPPED.vocabularies[name], lambda _: "hidden")(text) == text


def test_a_pattern_matches_the_whole_text_and_no_long_one() -> None:
    action = HIDING.allow(Vocabulary(pattern="[a-z]+"), lambda _: "hidden")
    assert action("a" * LONGEST_ALLOWED) == "a" * LONGEST_ALLOWED
    assert {action(text) for text in ("a" * (LONGEST_ALLOWED + 1), "a\n", "a b", " a", "\u00e4")} == {"hidden"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("se_action", "alice_smith"),
        ("se_action", "tel_06_12_34_56_78"),
        ("se_category", "alice/secretproject"),
        ("br_lang", "tom_JA"),
        ("event_id", "d41d8cd9-8f00-b204-e980-0998ecf8427e"),
        ("event_id", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
        ("event_version", "555-123-456"),
        ("tr_currency", "JSM"),
        ("v_tracker", "js-49.151.234"),
        ("geo_country", "ZZ"),
    ],
)
def test_what_looks_like_a_name_of_gitlab_and_is_none_is_hidden(name: str, text: str) -> None:
    line = enriched_event.make(bound_policy.make(SHIPPED, [KEY])).line(record(**{name: text}))
    assert text not in line


def test_what_is_not_named_is_hidden(tmp_path: Path) -> None:
    file = tmp_path / "gitlab.yaml"
    file.write_text(yaml.safe_dump({**CONTENTS, "columns": {}}))
    loaded = policy.load(file)
    assert loaded.columns["app_id"] == "pseudonymize"
    assert loaded.columns["etl_tstamp"] == loaded.columns["geo_country"] == "erase"
    assert loaded.columns["contexts"] == "by_schema"


def test_no_identifying_column_is_allowed() -> None:
    identifying = ("user_id", "user_fingerprint", "domain_userid", "network_userid", "domain_sessionid")
    more = ("refr_domain_userid", "useragent", "se_label", "se_property", "mkt_clickid")
    assert all(rules.is_hidden(SHIPPED.columns[name]) for name in identifying + more)


@pytest.mark.parametrize(
    "name", ["user_ipaddress", "geo_city", "geo_region_name", "geo_timezone", "os_timezone", "ip_isp"]
)
def test_what_has_few_values_or_a_list_to_try_is_erased(name: str) -> None:
    assert SHIPPED.columns[name] == "erase"


@pytest.fixture(autouse=True)
def lists(tmp_path: Path) -> None:
    """GitLab's vocabulary beside a policy of these tests."""
    shutil.copy(POLICY_FILE.with_name(policy.GITLAB_VOCABULARY), tmp_path)


def broken(section: str, name: str, rule: object) -> dict[str, Any]:
    return {**CONTENTS, section: {**CONTENTS[section], name: rule}}


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        (broken("columns", "user_id", "alow"), r"columns\.user_id"),
        (broken("columns", "user_id", "allow"), r"columns\.user_id: a text can be anything"),
        (broken("columns", "user_idd", "erase"), r"columns\.user_idd: no column"),
        (broken("columns", "event_id", "pseudonymize"), r"columns\.event_id: cannot hold"),
        (broken("columns", "user_id", "message"), r"columns\.user_id: message is a rule of properties"),
        (broken("columns", "contexts", "pseudonymize"), r"columns\.contexts"),
        (broken("columns", "event_id", {"pseudonymize": "text"}), r"columns\.event_id: cannot hold"),
        (broken("columns", "user_id", {"pseudonymize": "users"}), r"columns\.user_id: there is no domain 'users'"),
        (broken("columns", "user_id", {"pseudonymize": "network"}), r"columns\.user_id: a sender can write here"),
        (broken("headers", "host", {"pseudonymize": "network"}), r"headers\.host: a sender can write here"),
        (
            broken("columns", "app_id", {"allow": "app", "otherwise": {"pseudonymize": "network"}}),
            r"columns\.app_id: a sender can write here",
        ),
        (broken("domains", "key-check", {"means": "x", "holds": "text"}), r"domains\.key-check"),
        (broken("domains", "page", {"means": "x", "holds": "identity"}), "page is needed"),
        ({**CONTENTS, "domains": {}}, "text is needed"),
        (broken("columns", "user_id", "by_schema"), r"columns\.user_id"),
        (broken("columns", "user_id", {"allow": "nonsense"}), r"columns\.user_id\.allow: there is no vocabulary"),
        (broken("columns", "user_id", {"allow": {}}), r"columns\.user_id\.allow: has `values`, `listed` or `pattern`"),
        (broken("columns", "user_id", {"allow": {"pattern": "("}}), r"columns\.user_id\.allow\.pattern"),
        (broken("columns", "user_id", {"allow": {"values": [True]}}), r"columns\.user_id"),
        (broken("columns", "user_id", {"allow": "app", "note": "x"}), r"columns\.user_id"),
        (broken("columns", "user_id", {"truncate": "name"}), r"columns\.user_id"),
        (broken("columns", "geo_latitude", {"truncate": "ip"}), r"columns\.geo_latitude: cannot hold a truncated ip"),
        (broken("columns", "contexts", {"truncate": "ip"}), r"columns\.contexts: cannot hold"),
        (broken("vocabularies", "app", {"listed": ["nonsense"]}), r"app\.listed: gitlab-vocabulary.json has no list"),
        (broken("vocabularies", "app", {"listed": ["sort"], "pattern": "x"}), r"vocabularies\.app: has"),
        (broken("vocabularies", "app", {}), r"vocabularies\.app"),
        (broken("parameters", "alice", "erase"), r"parameters\.alice"),
        (broken("schemas", "com.gitlab/x", {}), r"schemas\.com\.gitlab/x"),
        (broken("schemas", "iglu:a/b/jsonschema/1-*-*", {"a..b": "erase"}), r"a\.\.b: no property path"),
        (broken("schemas", "iglu:a/b/jsonschema/1-*-*", {"a": "allow"}), "say what it may look like"),
        ({**CONTENTS, "version": 2}, "version"),
        ({**CONTENTS, "colums": {}}, "colums"),
        ({name: section for name, section in CONTENTS.items() if name != "columns"}, "columns"),
        ("allow", "object"),
    ],
)
def test_a_wrong_policy_is_refused_with_file_and_place(tmp_path: Path, contents: object, said: str) -> None:
    file = tmp_path / "gitlab.yaml"
    file.write_text(yaml.safe_dump(contents, sort_keys=False))
    with pytest.raises(PolicyError, match=said) as caught:
        policy.load(file)
    assert str(caught.value).startswith("gitlab.yaml: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("columns:\n  user_id: erase\n  user_id: {allow: app}\n", "'user_id' occurs twice, again in line 3"),
        ("columns: [", "no YAML"),
        ("!!python/object/apply:os.getcwd []", "no YAML"),
    ],
)
def test_yaml_that_says_two_things_or_nothing_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "gitlab.yaml"
    file.write_text(text)
    with pytest.raises(PolicyError, match=re.escape(said)):
        policy.load(file)


def test_a_missing_or_unreadable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be read"):
        policy.load(tmp_path / "gitlab.yaml")
    (tmp_path / "gitlab.yaml").write_bytes(b"\xff")
    with pytest.raises(PolicyError, match="cannot be read"):
        policy.load(tmp_path / "gitlab.yaml")


def test_the_version_changes_with_a_rule_and_not_with_a_comment(tmp_path: Path) -> None:
    file = tmp_path / "gitlab.yaml"
    file.write_text("# Another comment.\n" + POLICY_FILE.read_text().replace("  app_id:", "  app_id:   "))
    assert policy.load(file).version == SHIPPED.version
    file.write_text(yaml.safe_dump(broken("columns", "se_label", "erase"), sort_keys=False))
    assert policy.load(file).version != SHIPPED.version


def test_a_reason_beside_a_rule_is_read(tmp_path: Path) -> None:
    file = tmp_path / "gitlab.yaml"
    because = {"because": "a reason"}
    for rule in ({"allow": "app", **because}, {"truncate": "ip", **because}):
        contents = broken("columns", "user_ipaddress", rule)
        assert jsonschema_rs.is_valid(SCHEMA, contents)
        file.write_text(yaml.safe_dump(contents, sort_keys=False))
        assert policy.load(file).columns["user_ipaddress"] == msgspec.convert(
            rule, Truncate if "truncate" in rule else Allow
        )


def test_a_json_column_can_be_erased() -> None:
    made = bound_policy.make(SHIPPED, [KEY])
    assert all(COLUMNS[position].name != "contexts" for position, _ in made.cells)
    erased = dataclasses.replace(SHIPPED, columns={**SHIPPED.columns, "contexts": "erase"})
    assert any(COLUMNS[position].name == "contexts" for position, _ in bound_policy.make(erased, [KEY]).cells)


def test_inline_vocabularies_are_read() -> None:
    assert SHIPPED.columns["event_format"] == Allow(Vocabulary(values=frozenset({"jsonschema"})))
