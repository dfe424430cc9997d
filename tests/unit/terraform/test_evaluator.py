"""The evaluator that the policy tests trust: examples of AWS's own rules, and what must hold for any policies."""

import fnmatch
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.iam.evaluator import Decision, Request, UnsupportedPolicyError, decide, matches

ACCOUNT = "111111111111"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
OBJECT = "arn:aws:s3:::lake/output/x"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
READ = Request(ROLE, "s3:GetObject", OBJECT)
DECRYPT = Request(ROLE, "kms:Decrypt", KEY)


def policy(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": effect, "Action": "*", "Resource": "*", **elements}]}


def to(principal: Any, effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    return policy(effect, Principal=principal, **elements)


STRANGE = Request(ROLE, "s3:GetObject", OBJECT, owner="222222222222")


@pytest.mark.parametrize(
    ("request_", "identity", "resource", "expected"),
    [
        # Between two accounts both must allow it, and either may deny it.
        (STRANGE, [policy()], None, Decision.NOT_ALLOWED),
        (STRANGE, [], to({"AWS": ROLE}), Decision.NOT_ALLOWED),
        (STRANGE, [policy()], to({"AWS": ROOT}), Decision.ALLOWED),
        (STRANGE, [policy()], to({"AWS": ROLE}), Decision.ALLOWED),
        (STRANGE, [policy(), policy("Deny")], to({"AWS": ROLE}), Decision.DENIED),
        (READ, [], None, Decision.NOT_ALLOWED),
        (READ, [policy()], None, Decision.ALLOWED),
        (READ, [policy(), policy("Deny")], None, Decision.DENIED),
        (READ, [policy()], to("*", "Deny"), Decision.DENIED),
        (READ, [policy()], to({"AWS": ROOT}, "Deny"), Decision.DENIED),
        (READ, [policy()], to({"AWS": f"{ROLE}2"}, "Deny"), Decision.ALLOWED),
        # A resource's policy that names the role is enough, one that names the account is not: roles need one too.
        (READ, [], to({"AWS": ROLE}), Decision.ALLOWED),
        (READ, [], to({"AWS": ROOT}), Decision.NOT_ALLOWED),
        (READ, [], to({"AWS": ACCOUNT}), Decision.NOT_ALLOWED),
        (READ, [], to("*"), Decision.ALLOWED),
        # A key is used by nobody whom its own policy does not let in.
        (DECRYPT, [policy()], None, Decision.NOT_ALLOWED),
        (DECRYPT, [policy()], to({"Service": "s3.amazonaws.com"}), Decision.NOT_ALLOWED),
        (DECRYPT, [policy()], to({"AWS": ROOT}), Decision.ALLOWED),
        (DECRYPT, [policy()], to({"AWS": ROOT}, Action="kms:Encrypt"), Decision.NOT_ALLOWED),
        (DECRYPT, [], to({"AWS": ROOT}), Decision.NOT_ALLOWED),
        (DECRYPT, [], to({"AWS": ROLE}), Decision.ALLOWED),
        # Services
        (
            Request("s3.amazonaws.com", "s3:PutObject", OBJECT),
            [],
            to({"Service": "s3.amazonaws.com"}),
            Decision.ALLOWED,
        ),
        (Request("s3.amazonaws.com", "s3:PutObject", OBJECT), [], to({"AWS": ROOT}), Decision.NOT_ALLOWED),
        (Request("s3.amazonaws.com", "s3:PutObject", OBJECT), [], to({"AWS": "*"}, "Deny"), Decision.DENIED),
    ],
)
def test_who_is_let_in(request_: Request, identity: list[Any], resource: Any, expected: Decision) -> None:
    assert decide(request_, identity, resource) is expected


@pytest.mark.parametrize(
    ("elements", "context", "applies"),
    [
        ({"Action": "S3:getobject"}, {}, True),
        ({"Action": ["s3:PutObject", "s3:Get*"]}, {}, True),
        ({"Action": "s3:GetObject?"}, {}, False),
        ({"Resource": "arn:aws:s3:::lake/output/*"}, {}, True),
        ({"Resource": "arn:aws:s3:::lake/OUTPUT/*"}, {}, False),
        ({"Resource": "arn:aws:s3:::lake/[a-z]*"}, {}, False),
        ({"Condition": {"ArnEquals": {"aws:PrincipalArn": ROLE}}}, {}, True),
        ({"Condition": {"ArnEquals": {"AWS:principalarn": ["x", ROLE]}}}, {}, True),
        ({"Condition": {"ArnNotEquals": {"aws:PrincipalArn": ["x", ROLE]}}}, {}, False),
        ({"Condition": {"ArnNotEquals": {"aws:PrincipalArn": f"{ROLE}2"}}}, {}, True),
        ({"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}}, {}, True),
        ({"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:*:role/*"}}}, {}, False),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}, {"aws:SourceAccount": ACCOUNT}, True),
        # A key that the request lacks: a condition fails, a negated one holds.
        ({"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}, {}, False),
        ({"Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}}, {}, True),
        ({"Condition": {"Null": {"s3:x-amz-server-side-encryption": "true"}}}, {}, True),
        ({"Condition": {"Null": {"s3:x-amz-server-side-encryption": "false"}}}, {}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, {}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, {"aws:SecureTransport": "false"}, True),
        # All conditions of a statement, any value of a condition.
        (
            {"Condition": {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceAccount": "2"}}},
            {"aws:SourceAccount": "1"},
            False,
        ),
    ],
)
def test_when_a_statement_applies(elements: dict[str, Any], context: dict[str, str], *, applies: bool) -> None:
    request = Request(ROLE, "s3:GetObject", OBJECT, context)
    assert (decide(request, [policy(**elements)], None) is Decision.ALLOWED) == applies


@pytest.mark.parametrize(
    ("identity", "resource"),
    [
        ([policy(Condition={"StringEqualsIfExists": {"a": "b"}})], None),
        ([policy(Condition={"ForAnyValue:StringEquals": {"a": "b"}})], None),
        ([policy(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})], None),
        ([policy(Resource="arn:aws:s3:::lake/${aws:username}/*")], None),
        ([], {"Statement": [{"Effect": "Deny", "NotPrincipal": "*", "Action": "*", "Resource": "*"}]}),
        ([], to({"Federated": "accounts.google.com"})),
    ],
)
def test_what_is_not_understood_is_no_answer(identity: list[Any], resource: Any) -> None:
    with pytest.raises(UnsupportedPolicyError):
        decide(READ, identity, resource)


ARNS = st.sampled_from([ROLE, f"{ROLE}2", ROOT, ACCOUNT, "*"])
PATTERNS = st.sampled_from(["*", "s3:*", "s3:Get*", "s3:GetObject", "s3:PutObject", "kms:Decrypt"])
PLACES = st.sampled_from(["*", "arn:aws:s3:::lake/*", OBJECT, "arn:aws:s3:::lake/errors/*", KEY])
CONDITIONS = st.sampled_from(
    [
        {},
        {"ArnEquals": {"aws:PrincipalArn": ROLE}},
        {"ArnNotEquals": {"aws:PrincipalArn": ROLE}},
        {"Bool": {"aws:SecureTransport": "false"}},
        {"StringNotEquals": {"aws:SourceAccount": ACCOUNT}},
    ]
)
STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
        "Condition": CONDITIONS,
        "Action": st.lists(PATTERNS, min_size=1, max_size=2),
        "Resource": st.lists(PLACES, min_size=1, max_size=2),
    }
)
OWN = st.lists(STATEMENTS, max_size=3)
ITS = st.lists(st.builds(lambda statement, who: {**statement, "Principal": {"AWS": who}}, STATEMENTS, ARNS), max_size=3)
REQUESTS = st.builds(
    Request,
    st.sampled_from([ROLE, f"{ROLE}2"]),
    st.sampled_from(["s3:GetObject", "s3:PutObject", "kms:Decrypt"]),
    st.sampled_from([OBJECT, "arn:aws:s3:::lake/errors/x", KEY]),
    st.sampled_from([{}, {"aws:SecureTransport": "false"}, {"aws:SourceAccount": ACCOUNT}]),
)


def answer(request: Request, own: list[Any], its: list[Any]) -> Decision:
    return decide(request, [{"Statement": own}], {"Statement": its})


@given(REQUESTS, OWN, ITS, STATEMENTS)
def test_a_denial_more_lets_nobody_in(request: Request, own: list[Any], its: list[Any], more: dict[str, Any]) -> None:
    before = answer(request, own, its)
    after = answer(request, [*own, {**more, "Effect": "Deny"}], its)
    assert after in (before, Decision.DENIED)


@given(REQUESTS, OWN, ITS, STATEMENTS)
def test_an_allowance_more_shuts_nobody_out(
    request: Request, own: list[Any], its: list[Any], more: dict[str, Any]
) -> None:
    before = answer(request, own, its)
    after = answer(request, own, [*its, {**more, "Effect": "Allow", "Principal": "*"}])
    assert after in (before, Decision.ALLOWED)
    assert (before is Decision.DENIED) == (after is Decision.DENIED)


@given(REQUESTS, OWN, ITS)
def test_neither_order_nor_document_matters(request: Request, own: list[Any], its: list[Any]) -> None:
    apart = [{"Statement": statement} for statement in reversed(own)]
    assert decide(request, apart, {"Statement": its[::-1]}) is answer(request, own, its)


@given(REQUESTS.filter(lambda request: request.action != "kms:Decrypt"), STATEMENTS)
def test_what_is_not_named_is_named_by_not(request: Request, statement: dict[str, Any]) -> None:
    """Of a statement about some actions and one about all others, exactly one applies."""
    allow = {**statement, "Effect": "Allow", "Resource": "*", "Condition": {}}
    others = {key: value for key, value in allow.items() if key != "Action"} | {"NotAction": allow["Action"]}
    about = [decide(request, [{"Statement": each}], None) is Decision.ALLOWED for each in (allow, others)]
    assert sorted(about) == [False, True]


@given(st.text("ab:/*?", max_size=8), st.text("ab:/*?", max_size=6))
def test_wildcards_are_those_of_a_shell_without_its_brackets(value: str, pattern: str) -> None:
    assert matches(value, pattern) == fnmatch.fnmatchcase(value, pattern)
