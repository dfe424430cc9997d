import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lambda_src.pseudonymizer.errors import Reason
from lambda_src.pseudonymizer.formats import enriched_event, failed_event
from lambda_src.pseudonymizer.transform import bound_policy
from scripts import policy
from scripts.policy_review import preview_output
from scripts.policy_review.attributes import Attribute, Outcome, Where
from scripts.policy_review.document import ROOT
from scripts.policy_review.preview import Preview, previews
from tests.unit.policy_review.policies import EVENTS, TEXT, side

POLICY = side(TEXT).policy
KEY = bytes(range(32))
SHOWN = list(previews(EVENTS, POLICY, KEY))
TAGS = set("html head meta title style body h1 h2 p table thead tbody tr th td small".split())  # noqa: SIM905 - a table


def test_json_holds_the_output_of_the_transform_and_nothing_else() -> None:
    made = bound_policy.make(POLICY, [KEY])
    transforms = {"output": enriched_event.make(made).line, "enriched-bad": failed_event.make(made).line}
    records = EVENTS.splitlines()
    for each in SHOWN[:-1]:
        printed = json.loads(preview_output.to_json(each))
        expected = transforms[printed["delivery"]](records[printed["line"] - 1])
        assert printed["after"] == expected
        text = expected if each.delivery == "output" else json.dumps(json.loads(expected), ensure_ascii=False)
        for attribute in printed["attributes"]:
            inside = json.dumps(attribute["after"], ensure_ascii=False)[1:-1]
            assert attribute["after"] in text or inside in text
    assert [each.delivery for each in SHOWN[:-1]] == ["output"] * 3 + ["enriched-bad"] * 2


def test_every_value_is_there_once_before_and_after() -> None:
    outcomes = {str(each.where): (each.before, each.outcome) for each in SHOWN[0].attributes}
    standard = "contexts > iglu:com.gitlab/gitlab_standard/jsonschema/1-1-1"
    assert outcomes["user_id"] == ("1234567", Outcome.HIDDEN)
    assert outcomes["platform"] == ("web", Outcome.VISIBLE)
    assert outcomes["page_url"][1] is Outcome.PARTLY
    assert outcomes[f"{standard} > plan"] == ("premium", Outcome.VISIBLE)
    assert outcomes[f"{standard} > extra.reviewer (name)"] == ("reviewer", Outcome.HIDDEN)
    assert outcomes[f"{standard} > extra.reviewer"] == ("alice@example.com", Outcome.HIDDEN)
    failed = {each.where.last: each.outcome for each in SHOWN[3].attributes}
    assert failed["payload.raw.parameters[].value of uid"] is Outcome.HIDDEN
    assert failed["processor.artifact"] is Outcome.VISIBLE


def test_what_cannot_be_read_is_said_to_be_quarantined() -> None:
    assert (SHOWN[-1].after, SHOWN[-1].reason, SHOWN[-1].attributes) == (None, Reason.WRONG_COLUMN_COUNT, ())
    assert "it goes to the quarantine as wrong-column-count" in preview_output.summary(SHOWN[-1])


def test_two_runs_use_two_keys(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(ROOT / "tests/fixtures/events.txt")
    outputs = []
    for _ in range(2):
        assert policy.main(["preview", file, "--json"]) == 0
        outputs.append(json.loads(capsys.readouterr().out.partition("\n")[0])["after"])
    assert outputs[0] != outputs[1]


def test_no_colour_outside_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert policy.main(["preview", str(ROOT / "tests/fixtures/events.txt")]) == 0
    output = capsys.readouterr().out
    assert "alice@example.com" in output
    assert "\x1b" not in output


def test_a_missing_file_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert policy.main(["preview", "no/such/file"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "td":
            self.cells[-1] += data


def page_of(text: str) -> _Page:
    hostile = Attribute(Where(column=text), text, f"{text}x")
    page = _Page()
    page.feed(preview_output.to_page([Preview(1, "output", "x", None, (hostile,))], "policy.yaml"))
    page.close()
    return page


@given(st.text(max_size=100))
@example("<script>alert(1)</script>")
@example("\"' onload=x </td></table>")
@example("&lt;b&gt;<!-- --><![CDATA[")
@example("\u202egnp.exe\x1b[31m\x00")
def test_the_page_shows_hostile_values_as_text(text: str) -> None:
    page = page_of(text)
    assert {tag for tag, _ in page.tags} <= TAGS
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in page_of("harmless").tags]
    assert page.cells[1] == preview_output.shortened(text)
    assert all(each.isprintable() for each in page.cells[1])


def test_the_page_loads_nothing(tmp_path: Path) -> None:
    file = tmp_path / "preview.html"
    assert policy.main(["preview", str(ROOT / "tests/fixtures/events.txt"), "--html", str(file)]) == 0
    page = _Page()
    page.feed(file.read_text("utf-8"))
    names = {name for _, attributes in page.tags for name, _ in attributes}
    assert names == {"lang", "charset", "http-equiv", "content", "name", "class"}
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in file.read_text("utf-8")


@given(st.text(max_size=50))
def test_nothing_printed_moves_the_cursor(text: str) -> None:
    assert preview_output.printable(text).isprintable()
