"""The comment's size, and that nothing of a plan is markup in it."""

import re
from typing import Any

import pytest

from scripts.plan_review.markdown import LONGEST, markdown
from scripts.plan_review.page import page
from tests.fixtures.review.documents import document, policy, resource, reviewed


def many(number: int, kind: str = "aws_kinesis_stream") -> list[dict[str, Any]]:
    return [
        resource(kind, {"name": f"stream-{i}"}, None, address=f'module.a_rather_long_name["{i:04}"].{kind}.this')
        for i in range(number)
    ]


def roles(number: int) -> list[dict[str, Any]]:
    statement = {
        "Effect": "Allow",
        "Action": ["kinesis:GetRecords"] * 4,
        "Resource": ["arn:aws:kinesis:::" + "x" * 90] * 9,
    }
    return [
        resource("aws_iam_role_policy", None, {"policy": policy(statement)}, address=f"aws_iam_role_policy.role_{i:04}")
        for i in range(number)
    ]


def test_a_long_comment_is_cut_and_says_so_but_never_its_data_loss() -> None:
    comment = markdown(reviewed(document(*many(200), *roles(150))))
    assert len(comment.encode()) < LONGEST
    assert all(f'["{i:04}"].aws_kinesis_stream.this` **high:** is destroyed' in comment for i in range(200))
    assert "left out for length: run `make review ENV=dev`" in comment
    assert comment.count("<details>") == comment.count("</details>")


def test_data_loss_is_whole_even_if_it_alone_is_too_long() -> None:
    comment = markdown(reviewed(document(*many(900))))
    assert all(f'["{i:04}"].aws_kinesis_stream.this` **high:** is destroyed' in comment for i in range(900))
    assert "left out for length" in comment


def test_a_short_comment_is_whole() -> None:
    comment = markdown(reviewed(document(*many(3), *roles(3))))
    assert "left out" not in comment


@pytest.mark.parametrize(
    "evil", ["<img src=x onerror=alert(1)>", "`</code><b>", "a | b", "@all", "[x](javascript:y)", "a\n# b"]
)
def test_nothing_of_a_plan_is_markup(evil: str) -> None:
    change = resource("aws_s3_bucket", {"bucket": evil}, None, address=f'aws_s3_bucket.this["{evil}"]')
    moved = resource("aws_kinesis_stream", {"shard_count": 2}, {"shard_count": 1}, previous_address=evil)
    parameter = resource("x", {"a": 1, evil: 1}, {"a": 2, evil: 2})
    html = page(markdown(reviewed(document(change, moved, parameter))))
    body = html.split("</style>")[1]
    for markup in ("<img", "<b>", "<a ", "<h1"):
        assert markup not in body
    assert body.count("<tr>") == 4
    assert "@all" not in re.sub("<code>.*?</code>", "", body), "a mention counts outside code only"


def test_a_move_is_in_the_table() -> None:
    moved = resource(
        "aws_kinesis_stream", {"a": 1}, {"a": 1}, actions=["no-op"], previous_address="aws_kinesis_stream.old"
    )
    assert "moved from `aws_kinesis_stream.old`" in markdown(reviewed(document(moved)))
