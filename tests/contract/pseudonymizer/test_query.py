"""What a parameter of a URL says has one pseudonym in the URL and in the column that the enricher fills from it."""

from hypothesis import example, given
from hypothesis import strategies as st

from lambda_src.pseudonymizer.policy import policy
from lambda_src.pseudonymizer.transform.urls import Urls
from tests.unit.pseudonymizer.samples import POLICY_FILE, make_actions
from wire.querystring import pairs, tsv_safe

_PIECES = st.sampled_from(
    ["utm_term", "=", "&", ";", "+", "%", "%E9", "%C3%A9", "%00", "%09", "%2B", "a", "b", "caf", "%zz", "\u00e9", "\t"]
)


@given(st.lists(_PIECES, max_size=12).map("".join) | st.text())
@example("utm_term=a;b")
@example("utm_term=caf%E9")
@example("utm_term=a%00b")
@example("utm_term=a+b%2Bc")
@example("utm%5Fterm=a")
def test_the_policy_hashes_what_the_enricher_writes(query: str) -> None:
    hashed: list[str] = []
    actions = make_actions()

    def note(text: str) -> str:
        hashed.append(text)
        return "hidden"

    Urls(policy.load(POLICY_FILE), actions, {"utm_term": note}).query(query)
    terms = [tsv_safe(value or "") for name, value in pairs(query) if tsv_safe(name) == "utm_term"]
    assert hashed == [term for term in terms if term]
