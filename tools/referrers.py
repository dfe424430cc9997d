"""Write the list of referrers that the enricher ships: Matomo's public list, with the sites and apps of our own on top.

Example: git clone https://github.com/matomo-org/searchengine-and-social-list /tmp/matomo
         python -m tools.referrers /tmp/matomo

`tools/referrers_own.json` holds what Matomo's list has not: mail, advertisements, Android apps, and the names that the
privacy policy shows. A host that is in both is ours. Search terms in a path, which that list finds by regular
expressions, are not in Snowplow's format and are left out.

Exit code 0: written. 1: the list cannot be read. 2: wrong arguments.

"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / "tools/referrers_own.json"
DATA = ROOT / "services/enricher/enrichments/data"
MATOMO = "github.com/matomo-org/searchengine-and-social-list"
FILES = {"search": "SearchEngines.yml", "social": "Socials.yml", "chatbot": "AIAssistants.yml"}
_SLIPS = ("wwwgoogle", "gogole", "gppgle", "googel")  # misspelt hosts, which are not worth a line a country

# What `{}` behind a dot stands for: the countries of www.google.com/supported_domains, and those that it left since.
COUNTRIES = """
ac ad ae al am as at az ba be bf bg bi bj bs bt by ca cat cc cd cf cg ch ci cl cm cn cv cz de dj dk dm dz ee es eu fi fm
fr ga ge gf gg gl gm gp gr gy hn hr ht hu ie im io iq is it je jo kg ki kn kz la li lk lt lu lv md me mg mk ml mn ms mu
mv mw ne nl no nr nu pl pn ps pt ro rs ru rw sc se sh si sk sm sn so sr st td tg tk tl tm tn to tt us vg vu ws
co.ao co.bw co.ck co.cr co.hu co.id co.il co.im co.in co.je co.jp co.ke co.kr co.ls co.ma co.mz co.nz co.th co.tz co.ug
co.uk co.uz co.ve co.vi co.za co.zm co.zw
com.af com.ag com.ai com.ar com.au com.bd com.bh com.bn com.bo com.br com.by com.bz com.cn com.co com.cu com.cy com.do
com.ec com.eg com.er com.et com.fj com.ge com.gh com.gi com.gl com.gp com.gr com.gt com.gy com.hk com.hn com.iq com.jm
com.jo com.kg com.kh com.ki com.kw com.kz com.lb com.lc com.lk com.lv com.ly com.mk com.mm com.mt com.mu com.mw com.mx
com.my com.na com.nf com.ng com.ni com.np com.nr com.om com.pa com.pe com.pg com.ph com.pk com.pl com.pr com.ps com.pt
com.py com.qa com.ru com.sa com.sb com.sc com.sg com.sl com.sv com.tj com.tm com.tn com.tr com.tt com.tw com.ua com.uy
com.uz com.vc com.ve com.vi com.vn com.ws off.ai ne.jp
""".split()  # noqa: SIM905 - a table of words

type Site = dict[str, list[str]]
type Sites = dict[str, dict[str, Site]]


class ListError(Exception):
    """The list cannot be read; one line with the place and the remedy."""


def converted(files: dict[str, Any]) -> Sites:
    """Return Matomo's definitions, by medium, in the format of Snowplow's referer-parser."""
    sites: Sites = {medium: {} for medium in FILES}
    for name, configurations in files["search"].items():
        site: Site = {"domains": [], "parameters": []}
        for each in configurations:
            site["domains"] += [host for url in each.get("urls", []) for host in hosts(url)]
            site["parameters"] += [name for name in each.get("params", []) if not name.startswith("/")]
        sites["search"][name] = {key: _once(values) for key, values in site.items()}
    for medium in ("social", "chatbot"):
        for name, urls in files[medium].items():
            sites[medium][name.replace("%2B", "+")] = {"domains": _once([host for url in urls for host in hosts(url)])}
    return sites


def hosts(pattern: str) -> list[str]:
    """Return the hosts, or hosts and paths, that a pattern stands for; a subdomain belongs to its host anyway."""
    host, slash, path = pattern.lower().partition("/")
    host = host.removeprefix("www.").removeprefix("{}.")
    if host.startswith(_SLIPS):
        return []
    if not host.endswith(".{}"):
        return [] if "{}" in host else [host + slash + path]
    return [f"{host[:-2]}{country}{slash}{path}" for country in COUNTRIES]


def merged(listed: Sites, own: Sites) -> Sites:
    """Return both lists; a source of Matomo's that shares a host with one of ours goes into ours, under our name."""
    ours = {
        host: (medium, source)
        for medium, sources in own.items()
        for source, site in sources.items()
        for host in site["domains"]
    }
    result: Sites = {
        medium: {source: {key: [*values] for key, values in site.items()} for source, site in sources.items()}
        for medium, sources in own.items()
    }
    for medium, sources in listed.items():
        for source, site in sources.items():
            shared = next((ours[host] for host in site["domains"] if ours.get(host, ("",))[0] == medium), None)
            into = result.setdefault(medium, {}).setdefault(shared[1] if shared else source, {"domains": []})
            into["domains"] = _once([*into["domains"], *(host for host in site["domains"] if host not in ours)])
            if parameters := _once([*into.get("parameters", []), *site.get("parameters", [])]):
                into["parameters"] = parameters
    return {
        medium: {source: site for source, site in sources.items() if site["domains"]}
        for medium, sources in result.items()
    }


def written(sites: Sites) -> str:
    """Return the data file: a line for each source."""
    media = []
    for medium, sources in sites.items():
        lines = [f"    {_json(source)}: {_json(site)}" for source, site in sources.items()]
        media.append(f"  {_json(medium)}: {{\n" + ",\n".join(lines) + "\n  }")
    return "{\n" + ",\n".join(media) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _once(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _git(repository: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repository), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ListError(f"{repository}: {done.stderr.strip().splitlines()[-1]}; name a checkout of Matomo's list")
    return done.stdout


def note(repository: Path, sites: Sites) -> str:
    """Return the note beside the data: source, version and licence."""
    version, day = _git(repository, "log", "-1", "--format=%H %cs").split()
    tag = _git(repository, "describe", "--tags", "--always").strip()
    counts = ", ".join(f"{len(sources)} {medium}" for medium, sources in sites.items())
    rows = [
        ["part", "source", "version", "licence"],
        ["---"] * 4,
        ["search engines, social networks, assistants", MATOMO, f"{tag}, {version} of {day}", "CC0-1.0"],
        [
            "mail, advertisements, apps, the policy's names",
            "`tools/referrers_own.json`",
            "this repository",
            "Apache-2.0",
        ],
    ]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return (
        f"# Where this data is from\n\n`referers.json` is written by `python -m tools.referrers`: {counts}.\n\n{table}"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.referrers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=Path, help="a checkout of matomo-org/searchengine-and-social-list")
    parser.add_argument("--to", type=Path, default=DATA, help="the directory that is written to")
    options = parser.parse_args(arguments)
    try:
        files = {
            medium: yaml.safe_load(_git(options.repository, "show", f"HEAD:{name}")) for medium, name in FILES.items()
        }
        sites = merged(converted(files), json.loads(OWN.read_text()))
        (options.to / "referers.json").write_text(written(sites))
        (options.to / "README.md").write_text(note(options.repository, sites))
    except (ListError, yaml.YAMLError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
