import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.pseudonymizer.policy import policy
from lambda_src.pseudonymizer.policy.policy import Vocabulary
from lambda_src.pseudonymizer.policy.vocabulary import MOST_REMEMBERED
from lambda_src.pseudonymizer.transform.urls import Urls
from tests.unit.pseudonymizer.samples import POLICY_FILE, make_actions, pseudonym

ACTIONS = make_actions()
POLICY = policy.load(POLICY_FILE)
STATES = frozenset({"opened", "closed"})
URLS = Urls(
    POLICY,
    ACTIONS,
    {
        "state": lambda text: text if text in STATES else ACTIONS.pseudonymize(text),
        "q": ACTIONS.pseudonymize,
        "x": ACTIONS.erase,
    },
)


def P(text: str) -> str:  # noqa: N802 - short, in a table
    return pseudonym(text, "page")


def H(host: str) -> str:  # noqa: N802 - the same
    return pseudonym(host, "host")


T = pseudonym


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://gitlab.com", "https://gitlab.com"),
        ("https://gitlab.com/", "https://gitlab.com/"),
        ("HTTPS://GitLab.com/a//b/", f"https://gitlab.com/{P('a')}//{P('b')}/"),
        ("https://gitlab.com:443/a", f"https://gitlab.com:443/{P('a')}"),
        ("https://gitlab.com:12345/a", f"https://gitlab.com/{P('a')}"),
        ("https://alice:secret@gitlab.com/", f"https://{P('alice:secret')}@gitlab.com/"),
        ("https://gitlab.com@evil.com/", f"https://{P('gitlab.com')}@{H('evil.com')}/"),
        ("https://a@b@gitlab.com/", f"https://{P('a@b')}@gitlab.com/"),
        ("https://alice.gitlab.io/x", f"https://{H('alice')}.gitlab.io/{P('x')}"),
        ("https://gitlab.io.evil.com", f"https://{H('gitlab.io.evil.com')}"),
        ("https://gitlab.com.evil.com", f"https://{H('gitlab.com.evil.com')}"),
        ("https://Private.Example/", f"https://{H('private.example')}/"),
        ("https://192.0.2.7/", f"https://{H('192.0.2.7')}/"),
        ("https://[2001:db8::1]:8080/", f"https://{H('[2001:db8::1]')}:8080/"),
        ("https://b\u00fccher.example/", f"https://{H('b\u00fccher.example')}/"),
        ("https://gitlab.com\\@evil.com/a", f"https://{P('gitlab.com\\')}@{H('evil.com')}/{P('a')}"),
        ("https://gitlab.com/a%2Fb", f"https://gitlab.com/{P('a/b')}"),
        ("https://gitlab.com/%252F", f"https://gitlab.com/{P('%2F')}"),
        ("https://gitlab.com/%ff", f"https://gitlab.com/{P('%ff')}"),
        ("https://gitlab.com/a;b=c", f"https://gitlab.com/{P('a;b=c')}"),
        ("https://gitlab.com?state=opened", "https://gitlab.com?state=opened"),
        ("https://gitlab.com/?state=alice", f"https://gitlab.com/?state={T('alice')}"),
        ("https://gitlab.com/?st%61te=opened", "https://gitlab.com/?state=opened"),
        ("https://gitlab.com/?q=a%40b+c", f"https://gitlab.com/?q={T('a@b c')}"),
        ("https://gitlab.com/?q=a&q=b;q=c", f"https://gitlab.com/?q={T('a')}&q={T('b')};q={T('c')}"),
        ("https://gitlab.com/?alice", f"https://gitlab.com/?{P('alice')}"),
        ("https://gitlab.com/?alice=", f"https://gitlab.com/?{P('alice')}="),
        ("https://gitlab.com/?x=1&=2&", f"https://gitlab.com/?x=&={P('2')}&"),
        ("https://gitlab.com/?q=a=b", f"https://gitlab.com/?q={T('a=b')}"),
        ("https://gitlab.com/#a?b", f"https://gitlab.com/#{P('a?b')}"),
        ("https://gitlab.com/?q=#", "https://gitlab.com/?q=#"),
        ("javascript:alert(1)", P("javascript:alert(1)")),
        ("data:text/html,alice", P("data:text/html,alice")),
        ("ftp://gitlab.com/", P("ftp://gitlab.com/")),
        ("https:gitlab.com", P("https:gitlab.com")),
        ("https:///alice", P("https:///alice")),
        ("//gitlab.com/alice", P("//gitlab.com/alice")),
        ("/alice", P("/alice")),
        (" https://gitlab.com", P(" https://gitlab.com")),
        ("alice", P("alice")),
    ],
)
def test_a_url_shows_only_what_is_listed(url: str, shown: str) -> None:
    assert URLS.url(url) == shown


_PIECE = "|".join(
    [
        "[0-9a-f]{64}",
        "https?://",
        "android-app://",
        "[/?#&;=@]",
        *map(re.escape, ("state", "q", "x", "opened", "closed")),
    ]
    + [re.escape(host.removeprefix("*")) for host in POLICY.hosts]
    + [f":{port}" for port in POLICY.ports]
)
_ONLY_KNOWN = re.compile(f"(?:{_PIECE})*")


_URL_PIECES = (
    "https:// http: // gitlab.com .gitlab.io @ : 443 / ? # & ; = % %2F state opened q alice \\ [ ] \u00e9".split()  # noqa: SIM905 - a list that can be read
)


@given(st.text() | st.lists(st.sampled_from(_URL_PIECES), max_size=12).map("".join))
def test_only_pseudonyms_and_names_of_the_policy_are_shown(url: str) -> None:
    for shown in (URLS.url(url), URLS.query(url), URLS.path(url), URLS.host(url) or "", URLS.fragment(url)):
        assert _ONLY_KNOWN.fullmatch(shown), shown
    assert URLS.scheme(url) in (None, *POLICY.schemes)
    assert URLS.port(url) in (None, *map(str, POLICY.ports))


def test_a_query_of_10_kb_is_treated_in_full() -> None:
    query = "&".join(f"alice{number}=bob{number}" for number in range(600))
    shown = URLS.query(query)
    assert len(query) > 9_000
    assert shown == "&".join(f"{P(f'alice{number}')}={P(f'bob{number}')}" for number in range(600))


def test_only_queries_of_which_all_is_shown_are_remembered_a_bounded_number_and_counted_the_same() -> None:
    actions = make_actions()
    page = actions.allow(Vocabulary(pattern="[0-9]{1,5}"), actions.pseudonymize)
    urls = Urls(POLICY, actions, {"page": page, "q": actions.pseudonymize})
    for query, allowed in [("page=2", 2), ("page=2&page=3", 4), ("page=alice", 1), ("q=alice", 1), ("alice", 0)]:
        for _ in range(2):
            actions.counts.reset()
            shown = urls.query(query)
            assert (shown == query) == (allowed % 2 == 0 and allowed > 0)
            assert actions.counts.allowed == allowed
    assert urls._shown_queries == {"page=2": 2, "page=2&page=3": 4}
    for number in range(2000):
        urls.query(f"page={number}")
    assert len(urls._shown_queries) == MOST_REMEMBERED
