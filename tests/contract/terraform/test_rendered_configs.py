"""What Terraform writes for the programs is what they read.

The module tests of collector and enricher compare what they render with the files read here, so that both sides meet
in one text. The keys of Snowplow's reference configurations (Stream Collector 3.4, Enrich 6.10 for Kinesis) are facts
kept in tests/fixtures/snowplow_reference_keys.json; `*` stands for a key that the operator chooses.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.terraform_runner.environment import ROOT
from services.collector.config import file as config_file
from services.enricher import config as enricher_config
from services.enricher.enrichments import loader
from services.enricher.enrichments.assets import Assets
from services.enricher.iglu.resolver import Resolver

COLLECTOR = ROOT / "modules/collector/tests"
ENRICHER = ROOT / "modules/enricher/tests"
REFERENCE = json.loads((ROOT / "tests/fixtures/snowplow_reference_keys.json").read_text())
# Keys of our collector only; modules/collector refuses them for Snowplow's engine.
OURS = {"metrics.port", "spill.directory", "spill.maxBytes"}
OURS_SET = {"durable", "networking.trustedProxies", "workers"}


def paths(value: Any, chosen: set[str], path: str = "") -> Iterator[str]:
    """Yield the dotted path of each leaf; below a prefix of `chosen` a key is `*`."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            name = "*" if path in chosen else key
            yield from paths(inner, chosen, f"{path}.{name}" if path else name)
    elif value != {}:
        yield path


def keys(document: Any, program: str) -> set[str]:
    chosen = {key.removesuffix(".*") for key in REFERENCE[program] if key.endswith(".*")}
    return set(paths(document, chosen))


@pytest.mark.parametrize("name", ["snowplow", "default", "every_setting"])
def test_every_key_is_one_of_their_collector(name: str) -> None:
    document = json.loads((COLLECTOR / f"{name}.json").read_text())
    ours = {"snowplow": set(), "default": OURS, "every_setting": OURS | OURS_SET}[name]
    found = keys(document["collector"], "collector")
    assert len(found) > 20
    assert found - ours <= set(REFERENCE["collector"])
    assert ours <= found


def test_their_collector_is_told_that_the_licence_is_accepted_and_nothing_is_reported() -> None:
    collector = json.loads((COLLECTOR / "snowplow.json").read_text())["collector"]
    assert collector["license"] == {"accept": True}
    assert collector["telemetry"] == {"disable": True}


def test_every_key_is_one_of_their_enricher() -> None:
    found = keys(json.loads((ENRICHER / "snowplow.json").read_text()), "enricher")
    assert len(found) > 8
    assert found <= set(REFERENCE["enricher"])


@pytest.mark.parametrize("name", ["default", "every_setting", "snowplow"])
def test_our_collector_reads_what_is_rendered(name: str) -> None:
    settings = config_file.load(COLLECTOR / f"{name}.json")
    assert settings.cookie.secure
    assert settings.do_not_track_cookie.enabled is (name == "every_setting")


def test_our_enricher_reads_what_is_rendered(tmp_path: Path) -> None:
    settings = enricher_config.load(ENRICHER / "default.json")
    assert settings.enrichments is not None
    assert (ROOT / settings.enrichments).is_dir()
    assert settings.iglu.resolver_file is None
    rendered = json.loads((ENRICHER / "default.json").read_text())
    rendered |= {"enrichments": "enrichments", "iglu": {"registry": "schemas", "resolver": "iglu.json"}}
    (tmp_path / "enricher.json").write_text(json.dumps(rendered))
    assert enricher_config.load(tmp_path / "enricher.json").enrichments == "enrichments"


def test_our_enricher_sets_up_the_rendered_enrichments(tmp_path: Path) -> None:
    (tmp_path / "enrichments").mkdir()
    files = json.loads((ENRICHER / "files.json").read_text())
    for name, document in files.items():
        (tmp_path / name).write_text(json.dumps(document))
    enrichments = loader.load(tmp_path / "enrichments", Assets())
    assert [step.identifier for step in enrichments.after_event_schema] == ["anon-ip"]
    assert [step.identifier for step in enrichments.before_event_schema] == ["cross-navigation"]
    resolver = Resolver(ROOT / "schemas", tmp_path / "iglu.json")
    assert (resolver.cache_size, resolver.ttl_seconds) == (500, 600)
