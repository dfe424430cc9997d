"""The summary page on warehouses with few, many and odd events: its numbers are SQL's, and it shows nobody."""

import datetime as dt
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from scripts import summary
from scripts.snowflake_warehouse import embedded
from scripts.summary_page import cube, page, panels, traffic

NOW = dt.datetime(2026, 1, 31, 12, 30)  # noqa: DTZ001 - the warehouse's times have no zone
MARKUP = "<script>alert('x')</script>\"&\u202eevil"
PERSON = "0123456789abcdef" * 4

type Insert = Callable[[str], cube.Cube]


@pytest.fixture
def after(migrated: Path, tmp_path: Path) -> Insert:
    """Read the page's data after these statements ran."""
    folder = tmp_path / "warehouse"
    shutil.copytree(migrated, folder)

    def run(statements: str) -> cube.Cube:
        with embedded.connect(folder) as cursor:
            for statement in filter(None, map(str.strip, statements.split(";\n"))):
                cursor.execute(statement)
            return cube.read(cursor, "dev", NOW)

    return run


def events(count: int, app: str = "gitlab", day: str = "2026-01-31 10:00:00", tracker: str = "js-3") -> str:
    return (  # text of this file
        "insert into snowplow.gitlab_events"  # noqa: S608
        " (event_id, app_id, v_tracker, event_vendor, event_name, event, collector_tstamp, load_tstamp)"
        f" select '{app}{tracker}{day}' || range, '{app}', '{tracker}', 'com.gitlab', 'view', 'struct',"
        f" '{day}'::timestamp, dateadd(minute, 6, '{day}'::timestamp) from range({count});\n"
    )


def group(text: str, failures: int | None = 9, *, scan: bool = False) -> cube.ErrorGroup:
    day = NOW.date()
    return cube.ErrorGroup(
        "schema_violations", "iglu:x", "ValidationError", "type", "$.a", text, scan, failures, day, day
    )


def made(**changed: object) -> cube.Cube:
    lists = ("cells", "hours", "errors", "policies", "deliveries", "freshness", "tests")
    empty: dict[str, object] = {name: [] for name in lists}
    nothing = dict.fromkeys(("last_event", "last_load", "canary"))
    return cube.Cube(**{"environment": "dev", "now": NOW, **empty, **nothing, **changed})  # type: ignore[arg-type]


def row(html: str, table: str, first: str) -> list[str]:
    body = html.split(f'<table id="{table}">')[1].split("</table>")[0]
    for line in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL):
        cells = [re.sub(r"<.*?>", "", each) for each in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", line, re.DOTALL)]
        if cells[0] == first:
            return cells[1:]
    raise AssertionError(f"{table} has no row {first}")


def test_numbers_are_those_of_sql(after: Insert) -> None:
    html = page.render(after(events(20) + events(7, "docs") + events(30, day="2026-01-29 10:00:00")))

    assert row(html, "totals", "today") == ["27", "0", "27", "0.00 %", "–"]  # noqa: RUF001
    assert row(html, "totals", "7 days")[2] == "57"
    assert row(html, "by-app", "gitlab")[:2] == ["50", "0"]
    assert row(html, "by-app", "docs")[:2] == ["7", "0"]
    assert row(html, "freshness", "2026-01-31") == ["360 s"] * 3


def test_empty_warehouse_says_so_and_invents_no_zero(after: Insert) -> None:
    html = page.render(after(""))

    assert "nothing yet" in html
    assert re.search(r"Canary last loaded</dt><dd><span class=\"unknown\">not measured", html)
    assert re.search(r"Complete, 48 hours</dt><dd><span class=\"unknown\">not measured", html)


def test_share_is_not_given_where_a_part_of_it_is_hidden() -> None:
    day = NOW.date()
    cells = [cube.Cell(day, "a", "t", "s", "good", None), cube.Cell(day, "a", "t", "s", "bad", 9)]

    assert row(page.render(made(cells=cells)), "by-app", "a")[:3] == ["&lt; 5 each", "9", "\N{EN DASH}"]


def test_one_event_is_under_five_everywhere(after: Insert) -> None:
    found = after(events(1))
    html = page.render(found)

    assert row(html, "totals", "today")[0] == "&lt; 5 each"
    assert row(html, "by-app", "gitlab")[0] == "&lt; 5 each"
    assert [each[4][-1] for each in traffic.series(found)["series"]] == [None]  # type: ignore[attr-defined]


def test_no_difference_of_totals_shows_a_hidden_count(after: Insert) -> None:
    found = after(events(20) + events(3, tracker="rare-1") + events(4, "small"))

    assert [each.events for each in found.cells if each.tracker == "rare-1"] == []
    assert cube.total([each.events for each in found.cells]) == 20
    assert row(page.render(found), "totals", "today")[2] == "20"


def test_rare_trackers_of_an_app_are_joined_where_they_are_five(after: Insert) -> None:
    found = after(events(3, tracker="rare-1") + events(4, tracker="rare-2"))

    assert [(each.tracker, each.events) for each in found.cells] == [("other", 7)]


def test_canary_is_not_counted_and_its_time_is_shown(after: Insert) -> None:
    found = after(events(9, "snowveil_canary"))

    assert found.cells == []
    assert "Canary last loaded</dt><dd>2026-01-31 10:06 UTC" in page.render(found)


def test_clock_in_the_future_is_said(after: Insert) -> None:
    assert "A clock in the future: 6 events" in page.render(after(events(6, day="2031-01-01 00:00:00")))


def test_a_million_events_are_counted(after: Insert) -> None:
    assert row(page.render(after(events(1_000_000))), "totals", "today")[0] == "1,000,000"


class Elements(HTMLParser):
    """Counts elements and collects attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.attributes |= {name for name, _ in attrs}


def test_markup_of_any_text_stays_text() -> None:
    day = NOW.date()
    everything = made(
        environment=MARKUP,
        cells=[cube.Cell(day, MARKUP, MARKUP, MARKUP, "good", 9)],
        errors=[cube.ErrorGroup(MARKUP, MARKUP, MARKUP, MARKUP, MARKUP, MARKUP, False, 9, day, day)],
        policies=[cube.Policy(MARKUP, MARKUP, 9, day, day)],
        deliveries=[cube.Delivery(MARKUP, NOW, 9, 9, 0)],
        tests=[],
    )
    html = page.render(everything)
    found = Elements()
    found.feed(html)

    assert found.scripts == 2  # data and script
    assert "<script>alert" not in html
    assert not {name for name in found.attributes if name.startswith("on") or name in ("style", "src", "href")}


def test_pseudonyms_are_shortened_and_groups_that_differ_in_them_joined() -> None:
    assert cube.text(f"user {PERSON}") == "user 01234567…"
    assert cube._shortened([group("a"), group("a", None), group("b")]) == [group("a"), group("b")]


def test_query_of_a_group_quotes_its_text() -> None:
    assert "explanation = 'it''s'" in panels.query(group("it's"))
    assert "explanation" not in panels.query(group("user 01234567…"))


def test_scans_are_apart_and_the_page_is_bounded() -> None:
    html = page.render(
        made(errors=[group(f"text {at} " + "x" * 80) for at in range(10_000)] + [group("scan", scan=True)])
    )

    assert "9,900 rarer groups are not shown" in html
    assert "Scans by bots, apart: 9 failures" in html
    assert len(html) < 300_000


def test_thirty_days_of_gitlab_like_data_are_under_300_kb() -> None:
    days = traffic.days(made())
    cells = [
        cube.Cell(day, f"app-{at % 6}", f"tracker-{at % 9}", f"com.gitlab/schema_{at}", kind, 123_456 + at)
        for day in days for at in range(150) for kind in ("good", "bad")
    ]  # fmt: skip
    html = page.render(made(cells=cells, errors=[group(f"text {at} " + "x" * 80) for at in range(300)]))

    assert len(html.encode()) < 300_000


def test_command_writes_the_page_of_an_embedded_warehouse(migrated: Path, tmp_path: Path) -> None:
    assert summary.main(["--embedded", str(migrated), "--out", str(tmp_path / "a/page.html")]) == 0
    assert (tmp_path / "a/page.html").read_text().startswith("<!doctype html>")


def test_folder_without_a_warehouse_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert summary.main(["--embedded", str(tmp_path)]) == 1
    assert "holds no warehouse" in capsys.readouterr().err
