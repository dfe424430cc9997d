import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.plan_review.statements import READING, UnreadablePolicyError, statements
from scripts.plan_review.values import UNKNOWN
from tests.fixtures.review.documents import allow, policy

names = st.sampled_from(["s3:GetObject", "s3:PutObject", "kms:Decrypt", "kinesis:*", "*"])
many = names | st.lists(names, min_size=1, max_size=3)
entries = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": many, "Resource": many},
    optional={
        "Sid": st.text(max_size=5),
        "Principal": st.just("*") | st.fixed_dictionaries({"AWS": many}),
        "Condition": st.dictionaries(
            st.sampled_from(["ArnEquals", "ArnNotEquals", "Bool"]),
            st.dictionaries(st.sampled_from(["aws:PrincipalArn", "aws:SecureTransport"]), many, max_size=2),
            max_size=2,
        ),
    },
)


@given(entries)
def test_how_a_list_is_written_makes_no_difference(entry: dict[str, Any]) -> None:
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(part) for key, part in reversed(value.items())}
        return value[::-1] if isinstance(value, list) else value

    listed = {
        key: [part] if key in ("Action", "Resource") and isinstance(part, str) else part for key, part in entry.items()
    }
    assert statements(policy(entry)) == statements(policy(turned(listed)))


@given(entries)
def test_every_part_of_a_statement_is_in_its_text(entry: dict[str, Any]) -> None:
    (decoded,) = statements(policy(entry)) or []
    text = decoded.text()
    for part in ("Action", "Resource"):
        for value in [entry[part]] if isinstance(entry[part], str) else entry[part]:
            assert f"`{value}`" in text
    for tests in entry.get("Condition", {}).values():
        for values in tests.values():
            for value in [values] if isinstance(values, str) else values:
                assert value in text


@given(st.recursive(st.none() | st.text(max_size=4), lambda x: st.lists(x, max_size=2) | st.dictionaries(
    st.sampled_from(["Statement", "Effect", "Action", "Principal", "Condition"]), x, max_size=4
), max_leaves=6))  # fmt: skip
def test_anything_else_is_refused_with_one_kind_of_error(value: Any) -> None:
    with contextlib.suppress(UnreadablePolicyError):
        assert statements(json.dumps(value)) is not None


def test_absent_and_unknown_are_two_things() -> None:
    assert statements(None) == []
    assert statements(UNKNOWN) is None


@pytest.mark.parametrize("action", ["*", "s3:*", "s3:Get*", "S3:getobject", "kinesis:GetRecords", "kms:Decrypt"])
def test_actions_that_read_content_are_recognised(action: str) -> None:
    (statement,) = statements(policy(allow(action))) or []
    assert statement.reading() == (action,)


def test_not_action_reads_unless_it_names_all_reading() -> None:
    (statement,) = statements(policy({"Effect": "Allow", "NotAction": ["s3:*"], "Resource": "*"})) or []
    assert statement.reading() == ("not s3:*",)
    (statement,) = statements(policy({"Effect": "Allow", "NotAction": ["*"], "Resource": "*"})) or []
    assert statement.reading() == ()
    assert len(READING) > 10
