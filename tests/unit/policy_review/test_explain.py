import pytest

from scripts import policy
from scripts.policy_review.document import load
from scripts.policy_review.explain import Explainer
from tests.unit.policy_review.policies import BADROW, IDENTIFYING, TEXT, edited, line_of, parsed

READ = parsed(TEXT)
EXPLAINER = Explainer(READ, load(READ), IDENTIFYING)
CSP = "iglu:com.snowplowanalytics.snowplow"
GITLAB = "iglu:com.gitlab/gitlab_standard/jsonschema/1-1-0"
GA4 = "iglu:com.google.ga4/cookies/jsonschema/1-0-0"
LINK = f"{CSP}/link_click/jsonschema/1-0-1"


def explained(*words: str) -> str:
    if words[0].startswith("iglu:"):
        return str(EXPLAINER.schema(*words))
    return str(EXPLAINER.column(*words))


@pytest.mark.parametrize(
    ("words", "said", "line"),
    [
        (("user_id",), "user_id is replaced by its pseudonym in the domain user. It identifies", "user_id: {pse"),
        (("platform",), "is shown when it is app, cnsl, headset", "platform: {allow"),
        (("geo_country",), "is shown when it is text of the form `[A-Z]{2}`, else erased", "geo_country: {"),
        (("txn_id",), "is erased, for a pseudonym would not fit", "txn_id"),
        (("etl_tstamp",), "is shown when it is a time within the window around", "etl_tstamp"),
        (("contexts",), "is self-describing JSON", "contexts: by"),
        (("page_url",), "is shown part by part as a URL", "page_url: url"),
        (("page_url", "scheme"), "is shown when it is android-app, http or https", "schemes:"),
        (("page_url", "user"), "is replaced by its pseudonym", "urls:"),
        (("page_url", "host"), "is shown when it is *.gitlab.io, about.gitlab.com", "hosts:"),
        (("page_url", "port"), "else erased", "ports:"),
        (("page_url", "path"), "each segment is replaced", "urls:"),
        (("page_url", "query"), "shows the names that `urls.query` lists", "query:"),
        (("page_url", "query.state"), "is shown when it is active, all", "state:"),
        (("page_url", "query.search"), "by its pseudonym in the domain text. It identifies a person", "search: pse"),
        (("page_url", "query.nobody"), "is not named: its name and value are replaced", "query:"),
        (("page_urlquery", "query.state"), "is shown when it is active", "state:"),
        (("page_url", "fragment"), "is replaced by its pseudonym", "urls:"),
        ((GITLAB, "plan"), "is shown when it is bronze, default", "plan: {allow"),
        ((GITLAB, "user_id"), "in the domain user. It identifies", "user_id: {pseudonymize: user}\n    global"),
        ((GITLAB, "nothing"), "is not named: its key and its value", "iglu:com.gitlab/gitlab_standard"),
        ((GITLAB, "extra.reviewer"), "is inside of extra and not named: its key", "extra:"),
        ((GITLAB, "feature_enabled_by_namespace_ids[3]"), "is replaced", "feature_enabled_by_namespace_ids[]"),
        ((GITLAB,), "is shown; of its data the named properties", "iglu:com.gitlab/gitlab_standard"),
        (("iglu:a/b/jsonschema/1-0-0", "x"), "No criterion covers iglu:a/b/jsonschema/1-0-0: every key", "schemas:"),
        ((GITLAB.replace("1-1-0", "2-0-0"), "plan"), "No criterion covers", "schemas:"),
        ((GA4, "session_cookies[0].session_cookie"), "is replaced", "session_cookies[].session_cookie"),
        ((GA4, "session_cookies"), "keeps its shape and follows the rules of", "session_cookies[].m"),
        ((LINK, "targetUrl", "query.tab"), "The query parameter tab of a URL", "tab:"),
        ((LINK, "elementClasses[]"), "is replaced", "elementClasses[]"),
        ((BADROW, "payload.enriched.user_id"), "a column, is replaced", "user_id: {pse"),
        ((BADROW, "payload.enriched.nothing"), "is inside of payload.enriched and not named", "payload.enriched"),
        ((BADROW, "payload.raw.headers[]", "Cookie"), "The header cookie is replaced", "cookie:"),
        ((BADROW, "payload.raw.headers[]", "X-Own"), "the whole line is replaced", "headers:"),
        ((BADROW, "payload.raw.parameters[]", "uid"), "follows its column user_id: it is replaced", "user_id: {pse"),
        ((BADROW, "payload.raw.parameters[]", "res"), "is shown when it is text of the form", "res:"),
        ((BADROW, "payload.raw.parameters[]", "own"), "is not named", "parameters:"),
        ((f"{CSP}/payload_data/jsonschema/1-0-4", "[0].aid"), "follows its column app_id", "app_id: {"),
    ],
)  # fmt: skip
def test_what_happens_to_an_attribute_and_which_line_decides(words: tuple[str, ...], said: str, line: str) -> None:
    sentence = explained(*words)
    assert said in sentence
    expected = TEXT[: TEXT.index(f"    {line}")].count("\n") + 1 if "\n" in line else line_of(TEXT, line)
    if words[0] == BADROW and line == "payload.enriched":
        criterion = BADROW.replace("2-0-0", "2-*-*")
        expected = READ.place(("schemas", criterion, line)).line
    assert f"decided in policy/gitlab.yaml:{expected}" in f"{sentence},"


def test_a_because_is_said() -> None:
    text = edited(("user_id: {pse", "user_id: {allow: amount, because: the support team asks}"))
    read = parsed(text)
    said = str(Explainer(read, load(read), IDENTIFYING).column("user_id"))
    assert "It is shown all the same because the support team asks." in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nonsense"], "nonsense: no column of an enriched event"),
        (["user_id", "host"], "user_id has no such part"),
        (["page_url", "query2"], "page_url has no such part"),
        (["iglu:x", "y"], "not an Iglu URI"),
        ([GITLAB, "plan", "host"], "has no such part"),
    ],
)
def test_what_does_not_exist_is_said_with_exit_code_1(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert policy.main(["explain", *words]) == 1
    assert said in capsys.readouterr().err
