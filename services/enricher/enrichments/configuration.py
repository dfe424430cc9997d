"""The enrichments' configuration: a directory of JSON files, each Snowplow's self-describing configuration of one.

A file is checked against its schema in `configuration_schemas/`, which holds the newest version of each: a later one of
the same model and revision only loosens the rules (docs/adr/0025-enrichment-configuration.md).
"""

from dataclasses import dataclass
from pathlib import Path

import msgspec
from jsonschema_rs import Draft4Validator

from wire.self_describing import Criterion, SchemaKey, SelfDescribing, SelfDescribingError

_SCHEMAS = Path(__file__).parent / "configuration_schemas"
_LEFT_OUT = frozenset(
    """
    currency_conversion_config event_spec_enrichment_config javascript_script_config sql_query_enrichment_config
    user_agent_utils_config weather_enrichment_config yauaa_enrichment_config
    """.split()  # noqa: SIM905 - a table of words
)


class EnrichmentConfigError(Exception):
    """An enrichment cannot be set up: one line with the file, the place in it and the remedy."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What one file says: its schema, the file, and its data with `parameters` and the switches beside them."""

    schema: SchemaKey
    file: Path
    data: dict[str, object]

    def read[Parameters](self, kind: type[Parameters]) -> Parameters:
        """Return `parameters`; their schema has been checked, `kind` gives them their types."""
        try:
            return msgspec.convert(self.data.get("parameters", {}), kind)
        except msgspec.ValidationError as error:
            raise self.error("parameters", str(error)) from None

    def error(self, place: str, defect: str) -> EnrichmentConfigError:
        """Return the error that names this file and a place in its data."""
        return EnrichmentConfigError(f"{self.file}: {place}: {defect}")


class Field(msgspec.Struct):
    """A column, as `pojo` names it."""

    field: str


class JsonField(msgspec.Struct, rename="camel"):
    """A place in a JSON column, as `json` names it: the column, which of its entities, and the path in their data."""

    field: str
    schema_criterion: str
    json_path: str


def files(directory: Path) -> list[Path]:
    """Return the configurations of a directory, in their order. Raises EnrichmentConfigError."""
    if not directory.is_dir():
        raise EnrichmentConfigError(f"{directory}: no directory; set enrichments to one with a *.json per enrichment")
    return sorted(file for file in directory.iterdir() if file.suffix.lower() == ".json")


def load(files: list[Path], known: list[Criterion]) -> dict[Criterion, Configuration]:
    """Return the configurations that are switched on. Raises EnrichmentConfigError."""
    found: dict[Criterion, Configuration] = {}
    for file in files:
        document = _read(file)
        criterion = next((each for each in known if each.matches(document.schema)), None)
        if criterion is None:
            _check_left_out(file, document, known)
            continue
        configuration = _checked(file, document, criterion)
        if not configuration.data["enabled"]:
            continue
        if criterion in found:
            raise EnrichmentConfigError(f"{file}: {found[criterion].file.name} configures the same; remove one of them")
        found[criterion] = configuration
    return found


def _read(file: Path) -> SelfDescribing:
    try:
        return SelfDescribing.parse(msgspec.json.decode(file.read_bytes()))
    except OSError as error:
        raise EnrichmentConfigError(f"{file}: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise EnrichmentConfigError(f"{file}: {error}") from None
    except SelfDescribingError as error:
        expected = 'expected {"schema": "iglu:…", "data": {…}}'
        raise EnrichmentConfigError(f"{file}: not self-describing ({error.code}): {expected}") from None


def _check_left_out(file: Path, document: SelfDescribing, known: list[Criterion]) -> None:
    """Let a disabled configuration of an enrichment that is left out pass.

    Anything else was written by somebody who expects it to run: an anonymisation with a wrong version that does not run
    leaves identifiers in clear.
    """
    schema, data = document.schema, document.data
    if schema.name in _LEFT_OUT:
        if isinstance(data, dict) and data.get("enabled") is False:
            return
        raise EnrichmentConfigError(f"{file}: {schema.name} is left out, see docs/enrichments.md; disable it")
    ours = next((each for each in known if each.name == schema.name), None)
    if ours is not None:
        raise EnrichmentConfigError(f"{file}: schema: {schema} is not supported, {ours} is")
    names = ", ".join(sorted(each.name for each in known))
    raise EnrichmentConfigError(f"{file}: schema: {schema} configures no enrichment; remove the file. Known: {names}")


def _checked(file: Path, document: SelfDescribing, criterion: Criterion) -> Configuration:
    schema = _newest_schema(criterion)
    for error in Draft4Validator(schema, validate_formats=True, offline=True).iter_errors(document.data):
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
        rule = "/".join(str(step) for step in error.schema_path)
        raise EnrichmentConfigError(
            f"{file}: $.data{place}: does not fulfil {error.kind.name} of the schema (#/{rule})"
        )
    data = msgspec.convert(document.data, dict[str, object])
    for key, expected in (("vendor", criterion.vendor), ("name", criterion.name)):
        if data[key] != expected:
            raise EnrichmentConfigError(f"{file}: $.data.{key}: is not {expected}, as in its schema {document.schema}")
    return Configuration(document.schema, file, data)


def _newest_schema(criterion: Criterion) -> dict[str, object]:
    versions = (_SCHEMAS / criterion.vendor / criterion.name / "jsonschema").iterdir()
    newest = max(versions, key=lambda file: [int(number) for number in file.name.split("-")])
    schema = msgspec.json.decode(newest.read_bytes(), type=dict[str, object])
    return {keyword: rule for keyword, rule in schema.items() if keyword not in ("$schema", "self")}
