"""The demo's report: what a reader sees of one event."""

from io import StringIO

from rich.console import Console

from scripts.rehearsal.report import Summary, show


def test_an_erased_value_does_not_look_like_an_unchanged_one() -> None:
    event = {"app_id": ("gitlab", "gitlab"), "user_id": ("alice", "9a9f05"), "user_ipaddress": ("203.0.113.9", "")}
    counts = {"output": 1, "quarantine": 0}
    summary = Summary({"a": 1}, 1, 1, 0, counts, counts, {}, "", "", [], {}, 1, [], {}, event)
    out = StringIO()
    show(summary, Console(file=out, width=120))

    rows = {line.split()[0]: line.split()[1:] for line in out.getvalue().splitlines() if line.strip()}
    assert rows["app_id"] == ["gitlab"]
    assert rows["user_id"] == ["alice", "9a9f05"]
    assert rows["user_ipaddress"] == ["203.0.113.9", "(erased)"]
