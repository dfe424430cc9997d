"""The list of referrers that the enricher ships: Matomo's list converted, ours on top, source and licence noted."""

import json
import subprocess
from pathlib import Path

import pytest

from tools import referrers

SEARCH = """
Google:
  -
    urls: [google.com, 'google.{}', 'wwwgoogle.{}', www2.google.com]
    params: [q]
Ask:
  -
    urls: [ask.com, '{}.ask.com', 'www.ask.{}/web']
    params: ['/s\\/([^\\/]+)/', q]
  -
    urls: [de.ask.com]
    params: [q, ask]
"""
SOCIALS = "YouTube: [youtube.com, m.youtube.com]\nGoogle%2B: [plus.google.com]\n"
ASSISTANTS = "ChatGPT: [chatgpt.com]\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    directory = tmp_path / "matomo"
    directory.mkdir()
    for name, text in (("SearchEngines.yml", SEARCH), ("Socials.yml", SOCIALS), ("AIAssistants.yml", ASSISTANTS)):
        (directory / name).write_text(text)
    git = ["git", "-C", str(directory), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", "init", "--quiet", str(directory)], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "list"], check=True)
    return directory


def written(checkout: Path, to: Path) -> referrers.Sites:
    assert referrers.main([str(checkout), "--to", str(to)]) == 0
    sites: referrers.Sites = json.loads((to / "referers.json").read_text())
    return sites


def test_countries_are_written_out_and_misspelt_hosts_left_out(checkout: Path, tmp_path: Path) -> None:
    google = written(checkout, tmp_path)["search"]["Google"]["domains"]

    assert {"google.com", "google.de", "google.co.uk", "google.com.br", "google.cat"} <= set(google)
    assert not [host for host in google if host.startswith("wwwgoogle")]


def test_subdomains_belong_to_their_host_and_expressions_are_left_out(checkout: Path, tmp_path: Path) -> None:
    ask = written(checkout, tmp_path)["search"]["Ask"]

    assert ask["domains"][:2] == ["ask.com", "ask.ac/web"]
    assert ask["parameters"] == ["q", "ask"]


def test_a_source_that_is_in_both_lists_has_our_name_and_both_hosts(checkout: Path, tmp_path: Path) -> None:
    social = written(checkout, tmp_path)["social"]

    assert "YouTube" not in social
    assert {"youtube.com", "m.youtube.com", "com.google.android.youtube"} <= set(social["Youtube"]["domains"])
    assert social["Google+"]["domains"] == ["plus.google.com"]


def test_source_version_and_licence_are_noted(checkout: Path, tmp_path: Path) -> None:
    written(checkout, tmp_path)

    commit = subprocess.run(
        ["git", "-C", str(checkout), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    )
    note = (tmp_path / "README.md").read_text()
    assert commit.stdout.strip() in note
    assert "CC0-1.0" in note


def test_a_directory_that_is_not_a_checkout_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert referrers.main([str(tmp_path), "--to", str(tmp_path)]) == 1
    assert "name a checkout of Matomo's list" in capsys.readouterr().err


def test_the_shipped_list_knows_what_the_own_list_names() -> None:
    shipped = json.loads((referrers.DATA / "referers.json").read_text())
    own = json.loads(referrers.OWN.read_text())

    for medium, sources in own.items():
        for source, site in sources.items():
            assert set(site["domains"]) <= set(shipped[medium][source]["domains"]), "run python -m tools.referrers"
