"""The directory of configurations: what is read, what is refused, and with which line.

Wire contract (docs/reference/wire-contract.md): C.11 Configuration of enrichments.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from services.enricher.enrichments import loader
from services.enricher.enrichments.assets import Assets
from services.enricher.enrichments.configuration import EnrichmentConfigError
from services.enricher.enrichments.loader import DEFAULTS, NO_ENRICHMENTS
from tests.fixtures.enricher import SP
from tests.fixtures.enrichments import EN, UA_PARSER, anon_ip, configuration, fingerprint, pii, write

type Json = dict[str, Any]

NO_FIELDS: Json = {f"mkt{name}": [] for name in ("Medium", "Source", "Term", "Content", "Campaign")}
WITH_YAUAA = {"useYauaa": True, "useIab": False, "useAsnLookups": False}


def refused(directory: Path, *documents: Json) -> str:
    """Return the line that says why these configurations cannot be used."""
    with pytest.raises(EnrichmentConfigError) as error:
        loader.load(write(directory, *documents), Assets())
    line = str(error.value)
    assert "\n" not in line
    return line.replace(f"{directory}/", "")


@pytest.mark.contract("C.11/directory")
def test_each_file_configures_one_enrichment_and_other_files_are_not_read(tmp_path: Path) -> None:
    write(tmp_path, UA_PARSER, anon_ip())
    (tmp_path / "README.txt").write_text("no JSON")
    enrichments = loader.load(tmp_path, Assets())
    assert [step.identifier for step in enrichments.before_referrer] == ["ua-parser"]
    assert [step.identifier for step in enrichments.after_event_schema] == ["anon-ip"]
    assert enrichments.after_event_schema[0].config_schema == f"iglu:{SP}/anon_ip/jsonschema/1-0-1"


@pytest.mark.contract("C.11/enabled")
def test_what_is_not_enabled_is_checked_but_does_not_run(tmp_path: Path) -> None:
    off = configuration(SP, "anon_ip", "1-0-0", {"anonOctets": 1}, enabled=False)
    assert loader.load(write(tmp_path, off), Assets()) == NO_ENRICHMENTS
    wrong = configuration(SP, "anon_ip", "1-0-0", {"anonOctets": 9}, enabled=False)
    assert refused(tmp_path, wrong) == (
        "0-anon_ip.json: $.data.parameters.anonOctets: does not fulfil maximum of the schema "
        "(#/properties/parameters/properties/anonOctets/maximum)"
    )


@pytest.mark.contract("C.11/unknown")
@pytest.mark.parametrize(
    ("vendor", "name", "version", "supported"),
    [
        (SP, "anon_ip", "1-1-0", f"iglu:{SP}/anon_ip/jsonschema/1-0-*"),
        (SP, "anon_ip", "2-0-0", f"iglu:{SP}/anon_ip/jsonschema/1-0-*"),
        (EN, "anon_ip", "1-0-0", f"iglu:{SP}/anon_ip/jsonschema/1-0-*"),
        (EN, "pii_enrichment_config", "1-0-0", f"iglu:{EN}/pii_enrichment_config/jsonschema/2-0-*"),
        # As Snowplow's page on this enrichment named its schema until Enrich 6.10.
        (SP, "asn_lookups", "1-0-0", f"iglu:{EN}/asn_lookups/jsonschema/1-0-*"),
        (SP, "cross_navigation_config", "1-0-0", f"iglu:{EN}/cross_navigation_config/jsonschema/1-0-*"),
    ],
)
@pytest.mark.parametrize("enabled", [True, False])
def test_a_known_enrichment_of_another_version_or_vendor_stops_the_start(
    tmp_path: Path, vendor: str, name: str, version: str, supported: str, enabled: bool
) -> None:
    line = refused(tmp_path, configuration(vendor, name, version, {}, enabled=enabled))
    assert line == f"0-{name}.json: schema: iglu:{vendor}/{name}/jsonschema/{version} is not supported, {supported} is"


@pytest.mark.contract("C.11/unknown")
def test_a_configuration_of_no_enrichment_stops_the_start(tmp_path: Path) -> None:
    line = refused(tmp_path, configuration("org.acme", "anonip", "1-0-0", {}))
    assert line.startswith("0-anonip.json: schema: iglu:org.acme/anonip/jsonschema/1-0-0 configures no enrichment; ")
    assert "anon_ip" in line
    (tmp_path / "0-anonip.json").rename(tmp_path / "anonip.JSON")
    assert "anonip.JSON" in refused(tmp_path)


@pytest.mark.contract("C.11/invalid")
@pytest.mark.parametrize(
    ("document", "line"),
    [
        ("{", "x.json: Input data was truncated"),
        ("[]", 'x.json: not self-describing (INVALID_DATA_PAYLOAD): expected {"schema": "iglu:…", "data": {…}}'),
        ('{"schema":"a","data":{}}', "x.json: not self-describing (INVALID_IGLUURI): expected"),
    ],
)
def test_what_is_no_self_describing_json_is_refused(tmp_path: Path, document: str, line: str) -> None:
    (tmp_path / "x.json").write_text(document)
    assert refused(tmp_path).startswith(line)


@pytest.mark.contract("C.11/invalid")
@pytest.mark.parametrize(
    ("document", "line"),
    [
        (configuration(SP, "anon_ip", "1-0-0"), "0-anon_ip.json: $.data: does not fulfil required"),
        (configuration(SP, "anon_ip", "1-0-0", {"octets": 1}), "0-anon_ip.json: $.data.parameters: does not fulfil"),
        (fingerprint(algorithm="CRC32"), "0-event_fingerprint_config.json: $.data.parameters.hashAlgorithm: does not"),
        (configuration(SP, "ua_parser_config", "1-0-0", {"database": "a"}), "0-ua_parser_config.json: parameters: uri"),
        (
            {**anon_ip(), "data": {**fingerprint()["data"], "parameters": {"anonOctets": 1}}},
            f"0-event_fingerprint_config.json: $.data.name: is not anon_ip, as in its schema iglu:{SP}/anon_ip/",
        ),
        (
            configuration(EN, "http_header_extractor_config", "1-0-0", {"headersPattern": "("}),
            "0-http_header_extractor_config.json: parameters.headersPattern: not a regular expression of RE2: ",
        ),
        (
            configuration(SP, "campaign_attribution", "1-0-0", {"mapping": "script", "fields": NO_FIELDS}),
            "0-campaign_attribution.json: parameters.mapping: script is left out, say static",
        ),
        (
            configuration(EN, "bot_detection_enrichment_config", "1-0-0", WITH_YAUAA),
            "0-bot_detection_enrichment_config.json: parameters.useYauaa: YAUAA is left out",
        ),
        (
            pii({"json": {"field": "contexts", "schemaCriterion": "iglu:a/b/jsonschema/1-*-*", "jsonPath": "$.a["}}),
            "0-pii_enrichment_config.json: parameters.pii: $.a[: not a JSON path: ",
        ),
    ],
)  # fmt: skip
def test_an_invalid_configuration_is_one_line_with_file_and_place(tmp_path: Path, document: Json, line: str) -> None:
    assert refused(tmp_path, document).startswith(line)


@pytest.mark.contract("C.11/multiple")
def test_two_files_for_one_enrichment_are_refused(tmp_path: Path) -> None:
    line = refused(tmp_path, UA_PARSER, configuration(SP, "ua_parser_config", "1-0-1"))
    assert line == "1-ua_parser_config.json: 0-ua_parser_config.json configures the same; remove one of them"


@pytest.mark.contract("C.11/left-out")
@pytest.mark.parametrize(
    ("vendor", "name"),
    [
        (SP, "javascript_script_config"), (SP, "user_agent_utils_config"), (SP, "currency_conversion_config"),
        (EN, "sql_query_enrichment_config"), (EN, "yauaa_enrichment_config"), (EN, "weather_enrichment_config"),
        (EN, "event_spec_enrichment_config"),
    ],
)  # fmt: skip
def test_what_is_left_out_is_refused_while_it_is_enabled(tmp_path: Path, vendor: str, name: str) -> None:
    off = configuration(vendor, name, "1-0-0", {}, enabled=False)
    assert loader.load(write(tmp_path, off), Assets()) == NO_ENRICHMENTS
    line = refused(tmp_path, configuration(vendor, name, "1-0-0", {}))
    assert line == f"0-{name}.json: {name} is left out, see docs/enrichments.md; disable it"


@pytest.mark.contract("C.11/database")
def test_a_file_that_cannot_be_had_stops_the_start(tmp_path: Path) -> None:
    parameters = {"internalDomains": [], "uri": "file:///nowhere/", "database": "referers.json"}
    line = refused(tmp_path, configuration(SP, "referer_parser", "2-0-0", parameters))
    assert line == "0-referer_parser.json: parameters: /nowhere/referers.json: No such file or directory"
    parameters["uri"] = "https://example.org/"
    assert "only file:///<directory>, s3://" in refused(
        tmp_path, configuration(SP, "referer_parser", "2-0-0", parameters)
    )


def test_a_missing_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnrichmentConfigError, match="no directory; set enrichments to one"):
        loader.load(tmp_path / "nowhere", Assets())


def test_the_shipped_defaults_are_valid_and_say_their_own_schema() -> None:
    enrichments = loader.load(DEFAULTS, Assets())
    steps = (*enrichments.before_referrer, *enrichments.before_event_schema, *enrichments.after_event_schema)
    assert [step.identifier for step in steps] == [
        "ua-parser",
        "referer-parser",
        "campaign-attribution",
        None,
        "event-fingerprint",
    ]
    for file in DEFAULTS.iterdir():
        assert json.loads(file.read_text())["data"]["name"] == file.stem
