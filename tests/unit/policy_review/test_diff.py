import json
import re

import pytest

from scripts import policy
from scripts.policy_review import diff_output, samples
from scripts.policy_review.diff import Change, Kind
from tests.unit.policy_review.policies import EVENTS, LISTS, STANDARD, TEXT, compared, edited, line_of, side

USER = "iglu:com.gitlab/user_context/jsonschema"
VISIBLE, HIDDEN, OTHER = Kind.VISIBLE, Kind.HIDDEN, Kind.OTHER


def said(found: list[Change]) -> list[tuple[Kind, str]]:
    return [(change.kind, change.sentence) for change in found]


@pytest.mark.parametrize(
    ("edit", "kind", "sentence"),
    [
        (("mkt_campaign: {pse", "mkt_campaign: {allow: app}"), VISIBLE, "The column mkt_campaign becomes visible"),
        (("geo_country: {", "geo_country: erase"), HIDDEN, "The column geo_country becomes hidden: it is erased"),
        (("txn_id: erase", "txn_id: allow"), VISIBLE, "The column txn_id becomes visible: it is shown when"),
        (("etl_tstamp: allow", "etl_tstamp: erase"), HIDDEN, "The column etl_tstamp becomes hidden"),
        (("etl_tags: pse", "etl_tags: url"), VISIBLE, "The column etl_tags becomes visible"),
        (("page_url: url", "page_url: url.host"), VISIBLE, "The column page_url may show more"),
        (("user_ipaddress: erase", "user_ipaddress: {truncate: ip}"), VISIBLE, "is shown coarsely"),
        (("se_label: pse", "se_label: erase"), OTHER, "The column se_label stays hidden"),
        (("user_id: {pse", "user_id: pseudonymize"), OTHER, "The column user_id stays hidden: it is replaced by its"),
        (
            ("useragentFamily: {", "useragentFamily: {allow: browser}"),
            OTHER,
            "Other values of the property useragentFamily of",
        ),
        (("host: {holds: text, folds", "host: {holds: text, means: a host}"), OTHER, "The domain host is now"),
        (("letters: {", 'letters: {pattern: "[A-Z]{2,3}"}'), VISIBLE, "letters now also shows text such as 'AAA'"),
        (("letters: {", 'letters: {pattern: "[A-D]{2}"}'), HIDDEN, "no longer shows text such as 'AE'"),
        (("letters: {", 'letters: {pattern: "[A-Z][A-Z]"}'), OTHER, "is written differently and admits the same"),
        (("tracker_name: {", "tracker_name: {values: [gl, sp, cf, gitlab, zz]}"), VISIBLE, "now also shows 'zz'."),
        (("tracker_name: {", "tracker_name: {values: [gl, sp, cf]}"), HIDDEN, "no longer shows 'gitlab'."),
        (("letters: {", "letters: {values: [DE]}"), HIDDEN, "no longer shows what cannot be determined"),
        (("platform: {allow", "platform: {allow: event}"), VISIBLE, "platform now also shows 'ad_impression'"),
        (("version: 1", "version: 1 # a comment"), None, ""),
        (("program_version: {", 'program_version: {pattern: "(?i)[a-f]"}'), VISIBLE, "what cannot be determined by"),
        (("schemes:", "schemes: [http, https, android-app, ftp]"), VISIBLE, "URLs now also show the schemes ftp."),
        (("schemes:", "schemes: [http, https]"), HIDDEN, "URLs no longer show the schemes android-app."),
        (("ports:", "ports: [80, 443, 3000, 8080, 8443, 22]"), VISIBLE, "URLs now also show the ports 22."),
        (("gclid: {pse", "gclid: {allow: flag}"), VISIBLE, "The query parameter gclid of URLs becomes visible"),
        (("gclid: {pse", ""), HIDDEN, "The query parameter gclid of URLs is no longer named"),
        (("gclid: {pse", "gclid: pseudonymize\n    fbclid: pseudonymize"), VISIBLE, "fbclid of URLs is new: its"),
        (("cookie: pse", "cookie: {allow: flag}"), VISIBLE, "The header cookie becomes visible"),
        (("res: {", ""), VISIBLE, "The tracker parameter res now also shows text such as"),
        (("u: url", "u: url\n  uid: {allow: amount}"), VISIBLE, "The tracker parameter uid becomes visible"),
        (("correlation_id: {pse", "correlation_id: {allow: uuid}"), VISIBLE, f"correlation_id of {STANDARD} becomes"),
        (("correlation_id: {pse", ""), HIDDEN, "is no longer named: its name is hidden like its value"),
        (("correlation_id: {pse", "correlation_id: pseudonymize\n    new: pseudonymize"), VISIBLE, "is new: its name"),
        ((USER, f"{USER}/*-*-*: {{}}"), VISIBLE, "which has versions that were hidden"),
        ((USER, f"{USER}/1-0-*: {{}}"), HIDDEN, "only, other versions are hidden"),
        ((USER, ""), HIDDEN, "is no longer named: all of it is hidden"),
        (("line: pse", "line: message"), VISIBLE, "Line of an old failed event becomes visible"),
        (("flag: {", 'flag: {values: ["0", "1"]}\n  mood: {values: [good]}'), OTHER, "vocabulary mood is new: good."),
    ],
)  # fmt: skip
def test_a_change_is_one_sentence_with_its_line(edit: tuple[str, str], kind: Kind | None, sentence: str) -> None:
    new = edited(edit)
    found = compared(TEXT, new)
    if kind is None:
        assert found == []
        return
    fitting = [change for change in found if change.kind is kind and sentence in change.sentence]
    assert len(fitting) == 1, said(found)
    if edit[1]:
        assert fitting[0].at == f"policy/gitlab.yaml:{line_of(new, edit[1].split('\n')[-1].strip())}"
    assert fitting[0].sentence.endswith(".")


@pytest.mark.parametrize(("old", "new"), [("[a-z]", "[a-c]"), ("[a-c]", "[a-z]")])
def test_narrowed_makes_nothing_visible_and_widened_hides_nothing(old: str, new: str) -> None:
    before, after = (edited(("letters: {", f'letters: {{pattern: "{each}"}}')) for each in (old, new))
    assert {change.kind for change in compared(before, after)} == {
        VISIBLE if len(new) > 4 and new == "[a-z]" else HIDDEN
    }


def test_a_new_schema_is_told_with_what_it_shows() -> None:
    added = "iglu:com.gitlab/new_thing/jsonschema/1-*-*: {colour: {allow: {values: [green]}}, owner: pseudonymize}"
    new = edited((USER, f"{added}\n  iglu:com.gitlab/user_context/jsonschema/1-*-*: {{}}"))
    found = compared(TEXT, new)
    schema = "iglu:com.gitlab/new_thing/jsonschema/1-*-*"
    shown = "it is shown when it is green, else replaced by its pseudonym"
    assert said(found) == [
        (VISIBLE, f"The schema {schema} is new: its name and the names of its 2 properties are shown."),
        (VISIBLE, f"The property colour of {schema} becomes visible: {shown}."),
    ]
    differing = samples.differing(EVENTS, side(TEXT).policy, side(new).policy)
    assert [(str(each.where), each.new.after) for each in samples.of_change(differing, found[1])] == [
        ("contexts > iglu:com.gitlab/new_thing/jsonschema/1-0-0 > colour (name)", "colour"),
        ("contexts > iglu:com.gitlab/new_thing/jsonschema/1-0-0 > colour", "green"),
    ]


def test_what_identifies_is_said_with_and_without_a_because() -> None:
    without = compared(TEXT, edited(("user_id: {pse", "user_id: {allow: amount}")))[0].sentence
    assert "user_id identifies a person (the number or name of one account); no `because` says why" in without
    given = compared(TEXT, edited(("user_id: {pse", "user_id: {allow: amount, because: support asks}")))[0].sentence
    assert "the author shows it because support asks" in given


def test_a_because_alone_changes_nothing() -> None:
    one, other = (edited(("user_id: {pse", f"user_id: {{allow: amount, because: {why}}}")) for why in "ab")
    assert compared(one, other) == []


def allow_all() -> str:
    """Return the shipped policy with each hidden text allowed, whatever it is."""
    text = re.sub(
        r"(?m)^(  +)(\S+): (?:pseudonymize|\{pseudonymize: [a-z]+\})$", r'\1\2: {allow: {pattern: "(?s).*"}}', TEXT
    )
    assert text.count("(?s)") > 120
    return text


def test_allow_all_makes_every_hidden_attribute_visible() -> None:
    found = compared(TEXT, allow_all())
    assert {change.kind for change in found} == {VISIBLE}
    assert len(found) >= allow_all().count("(?s)")  # one block of rules stands for two schemas


def test_the_way_back_hides_all_of_it() -> None:
    assert {change.kind for change in compared(allow_all(), TEXT)} == {HIDDEN}


def test_every_difference_in_the_events_belongs_to_a_change() -> None:
    new = allow_all()
    found = compared(TEXT, new)
    differing = samples.differing(EVENTS, side(TEXT).policy, side(new).policy)
    assert len(differing) > 30
    assert [str(each.where) for each in differing if not any(each.fits(change) for change in found)] == []


@pytest.fixture
def run(tmp_path, capsys):  # type: ignore[no-untyped-def] # a fixture that returns a function
    def run(new: str, *more: str) -> tuple[int, str]:
        file = tmp_path / "new.yaml"
        file.write_text(new)
        (tmp_path / "old.yaml").write_text(TEXT)
        (tmp_path / "gitlab-vocabulary.json").write_text(LISTS)
        (tmp_path / "events").write_bytes(EVENTS)
        code = policy.main(["diff", str(tmp_path / "old.yaml"), str(file), "--events", str(tmp_path / "events"), *more])
        return code, capsys.readouterr().out

    return run


def test_exit_code_says_whether_more_becomes_visible(run) -> None:  # type: ignore[no-untyped-def] # see above
    assert run(TEXT) == (0, "Nothing changes in what the policy shows.\n")
    assert run(edited(("geo_country: {", "geo_country: erase")))[0] == 0
    assert run(edited(("user_id: {pse", "user_id: {allow: amount}")))[0] == 3
    assert run(allow_all())[0] == 3
    assert run(edited(("user_id: {pse", "user_id: alow")))[0] == 1


def test_samples_are_said(run) -> None:  # type: ignore[no-untyped-def] # see above
    _, text = run(edited(("user_id: {pse", "user_id: {allow: amount}")))
    assert re.search(r"in the given events, user_id: [0-9a-f]{8}… becomes 1234567\n", text)
    _, output = run(edited(("user_id: {pse", "user_id: {allow: amount}")), "--json")
    document = json.loads(output)
    assert document["becomes_visible"] is True
    assert document["changes"][0]["samples"][0]["new"] == "1234567"


def test_markdown_is_not_read_as_markup() -> None:
    hostile = "<img src=x>`@all` [a](b) ``x"
    new = edited(("tracker_name: {", f"tracker_name: {{values: [gl, sp, cf, gitlab, {json.dumps(hostile)}]}}"))
    lines = "\n".join(diff_output.to_markdown(compared(TEXT, new), []))
    assert r"\<img src=x\>\`\@all\` \[a\]\(b\) \`\`x" in lines
    assert diff_output._code("a`b``c") == "``` a`b``c ```"
