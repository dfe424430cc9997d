import dataclasses
import json
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.pseudonymizer.formats import enriched_event
from lambda_src.pseudonymizer.policy import policy
from lambda_src.pseudonymizer.policy.policy import Truncate
from lambda_src.pseudonymizer.transform.truncation import degree, network, two_digits, two_parts
from tests.unit.pseudonymizer.samples import CONTEXTS, POLICY_FILE, STANDARD, cells_of, dump, make_plan, record, wrap


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("192.0.2.7", "192.0.0.0/16"),
        ("2001:db8:1:2::7", "2001:db8::/32"),
        ("::ffff:192.0.2.7", "192.0.0.0/16"),
        ("fe80::1%eth0", None),
        ("192.0.2.7, 192.0.2.8", None),
        ("192.0.2.7 ", None),
        ("192.0.2", None),
        ("3221225991", None),
        ("alice", None),
        ("", None),
    ],
)
def test_an_address_is_shown_as_its_network(text: str, shown: str | None) -> None:
    assert network(text) == shown


@given(st.ip_addresses())
def test_many_addresses_share_a_network(address: object) -> None:
    shown = network(str(address))
    assert shown is not None
    assert ip_network(shown).num_addresses >= 2**16
    mapped = getattr(ip_address(str(address)), "ipv4_mapped", None)
    assert (mapped or address) in ip_network(shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("52.5200066", "52.0"),
        ("-0.5", "-1.0"),
        ("13", "13.0"),
        ("180", "180.0"),
        ("181", None),
        ("1e2", None),
        ("NaN", None),
        ("52.52,13.40", None),
        ("\u0665\u0662", None),
    ],
)
def test_a_coordinate_is_shown_as_its_degree(text: str, shown: str | None) -> None:
    assert degree(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("17.8.1-ee", "17.8"),
        ("18.9.0-pre", "18.9"),
        ("2024.1.4", "2024.1"),
        ("6.2", "6.2"),
        ("v1.99.3", "1.99"),
        ("203.0.113", None),
        ("192.168.1.10", None),
        ("1234.567.890", None),
        ("49.151.234", None),
        ("17", None),
        ("alice", None),
        ("17.8 alice", None),
    ],
)
def test_a_version_is_shown_by_its_first_two_parts(text: str, shown: str | None) -> None:
    assert two_parts(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("11979729", "11000000"),
        ("7", "7"),
        ("42", "42"),
        ("1234.0", "1200"),
        ("-5", None),
        ("1.5", None),
        ("4915112345678", None),
        ("1e9", None),
        ("alice", None),
    ],
)
def test_a_number_is_shown_by_its_first_two_digits(text: str, shown: str | None) -> None:
    assert two_digits(text) == shown


def test_a_coarse_number_stays_a_number_in_json_and_what_is_none_is_erased() -> None:
    data = {
        "input_tokens": 11979729,
        "output_tokens": "11979729",
        "total_tokens": "alice",
        "instance_version": "17.8.1",
    }
    many = [wrap(STANDARD, data)] * 6
    shown = cells_of(enriched_event.make(make_plan()).line(record(contexts=dump(wrap(CONTEXTS, many)))))["contexts"]
    expected = {"input_tokens": 11000000, "output_tokens": "11000000", "total_tokens": None, "instance_version": "17.8"}
    assert json.loads(shown)["data"] == [wrap(STANDARD, expected)] * 6


def test_the_rule_in_columns_and_properties_leaves_what_it_cannot_read_hidden() -> None:
    shipped = policy.load(POLICY_FILE)
    columns = {"user_ipaddress": Truncate("ip"), "geo_latitude": Truncate("coordinate")}
    schemas = {criterion: dict(rules) for criterion, rules in shipped.schemas.items()}
    next(rules for criterion, rules in schemas.items() if criterion.name == "gitlab_standard")["extra"] = Truncate("ip")
    plan = make_plan(dataclasses.replace(shipped, columns={**shipped.columns, **columns}, schemas=schemas))
    transform = enriched_event.make(plan).line
    contexts = dump(wrap(CONTEXTS, [wrap(STANDARD, {"extra": "192.0.2.7"})]))
    shown = cells_of(transform(record(user_ipaddress="192.0.2.7", geo_latitude="52.52", contexts=contexts)))
    assert shown["user_ipaddress"] == "192.0.0.0/16"
    assert shown["geo_latitude"] == "52.0"
    assert json.loads(shown["contexts"])["data"][0]["data"] == {"extra": "192.0.0.0/16"}
    assert plan.actions.counts.truncated == 3
    shown = cells_of(transform(record(user_ipaddress="alice", geo_latitude="alice")))
    assert len(shown["user_ipaddress"]) == 64
    assert shown["geo_latitude"] == ""
