"""Compare the enricher with Snowplow's own Enrich, payload by payload: print what differs, by family and column.

`tests/fixtures/golden/snowplow` holds payloads, and the lines that Enrich made of them under four configurations; its
README says how it was run and what is compared. `declared.yaml` there names the payloads whose difference is wanted, by
the heading of `docs/reference/differences.md` that gives the reason. The ASN context of ip_lookups is not compared: the
Enrich of the run, 3.9.0, did not know it.
"""

import argparse
import gzip
import json
import shutil
import struct
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from services.enricher.enrichments import loader
from services.enricher.enrichments.assets import Assets
from services.enricher.enrichments.chain import Enrichments
from services.enricher.iglu.validation import Iglu
from services.enricher.processing.record_enricher import Outputs, RecordEnricher
from wire.columns import COLUMNS, ColumnKind

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests/fixtures/golden/snowplow"
CONFIGURATIONS = ("none", "defaults", "privacy", "lookups")
_ETL_TSTAMP = "2026-01-02 04:00:00.000"
_MAX_RECORD_SIZE = 1_000_000
# The run's databases have these names in its configurations.
_DATABASES = {
    "GeoLite2-City.mmdb": "ip_geo",
    "GeoIP2-ISP.mmdb": "ip_isp",
    "GeoIP2-Domain.mmdb": "ip_domain",
    "GeoIP2-Connection-Type.mmdb": "ip_connectionType",
    "GeoLite2-ASN.mmdb": "ip_asn",
}
_NAMES = [column.name for column in COLUMNS]
_JSON_COLUMNS = {column.name for column in COLUMNS if column.kind is ColumnKind.JSON}
_ASN = "iglu:com.snowplowanalytics.snowplow/asn/jsonschema/1-0-"
_EXAMPLE = """\
example:
  python -m tools.conformance_golden --show 5
  python -m tools.conformance_golden --configuration none --family cookies --show 100

exit codes: 0 no difference but declared ones, 1 there are others, or a declared one is gone
"""

type Name = tuple[str, int]


class Expected(msgspec.Struct):
    """What Enrich made of a payload: the columns of its enriched events, and the number of its failed ones."""

    family: str
    n: int
    good: list[list[str]]
    failed: int


class Difference(msgspec.Struct):
    """A payload of which we make something else; `column` is the first that differs, or `number` of events."""

    configuration: str
    family: str
    n: int
    column: str
    expected: str
    ours: str


def payloads(file: Path) -> Iterator[tuple[Name, bytes]]:
    """Yield family, number and Thrift bytes of each payload."""
    content = gzip.decompress(file.read_bytes())
    place = 0
    while place < len(content):
        (length,) = struct.unpack_from(">H", content, place)
        family = content[place + 2 : place + 2 + length].decode()
        number, size = struct.unpack_from(">II", content, place + 2 + length)
        place += 10 + length
        yield (family, number), content[place : place + size]
        place += size


def expected(file: Path) -> dict[Name, Expected]:
    """Read the lines that Enrich made, by family and number."""
    lines = [msgspec.json.decode(line, type=Expected) for line in gzip.decompress(file.read_bytes()).splitlines()]
    return {(line.family, line.n): line for line in lines}


def declared(golden: Path = GOLDEN) -> dict[str, list[str]]:
    """Return the declared payloads, `family/number`, by the heading that gives the reason."""
    return msgspec.yaml.decode((golden / "declared.yaml").read_bytes(), type=dict[str, list[str]])


def differences(configuration: str, golden: Path = GOLDEN) -> list[Difference]:
    """Enrich every payload that has an expected line under a configuration; return those of which others come out."""
    enricher = _enricher(configuration, golden)
    made_by_enrich = expected(golden / f"expected.{configuration}.jsonl.gz")
    found: list[Difference] = []
    for name, record in payloads(golden / "payloads.bin.gz"):
        if name in made_by_enrich:
            outputs = Outputs()
            enricher.add(record, _ETL_TSTAMP, outputs)
            if (different := _compared(made_by_enrich[name], outputs)) is not None:
                found.append(Difference(configuration, *name, *different))
    return found


def _enricher(configuration: str, golden: Path) -> RecordEnricher:
    return RecordEnricher(Iglu(golden / "registry" / "schemas"), _MAX_RECORD_SIZE, _enrichments(configuration, golden))


def _enrichments(configuration: str, golden: Path) -> Enrichments:
    """Set the enrichments up with the golden assets in the place of those that the configuration names."""
    with tempfile.TemporaryDirectory() as directory:
        for file in (golden / "configs" / configuration).glob("*.json"):
            text = file.read_text().replace("file:///golden/assets", f"file://{directory}/assets")
            Path(directory, file.name).write_text(text)
        shutil.copytree(golden / "assets", Path(directory, "assets"))
        for name, file_name in _DATABASES.items():
            shutil.copy(golden / "assets" / file_name, Path(directory, "assets", name))
        return loader.load(Path(directory), Assets())


def _without_asn(cell: str) -> str:
    """Return derived contexts without that of ip_lookups, which Enrich 6.x adds."""
    if "/asn/jsonschema/" not in cell:
        return cell
    found = msgspec.json.decode(cell)
    found["data"] = [each for each in found["data"] if not each["schema"].startswith(_ASN)]
    return msgspec.json.encode(found).decode() if found["data"] else ""


def _compared(enrich: Expected, outputs: Outputs) -> tuple[str, str, str] | None:
    """Return the first column that differs and both values."""
    ours = [line.decode().split("\t") for line in outputs.good]
    if (len(enrich.good), enrich.failed) != (len(ours), len(outputs.bad)):
        told = " | ".join(_messages(event) for event in outputs.bad)
        return "number", f"{len(enrich.good)} good, {enrich.failed} failed", f"{len(ours)} good, {told or 0} failed"
    for theirs, own in zip(enrich.good, ours, strict=True):
        for column, left, ours_written in zip(_NAMES, theirs, own, strict=True):
            right = _without_asn(ours_written) if column == "derived_contexts" else ours_written
            if left != right and column != "event_id" and not (column in _JSON_COLUMNS and _same_json(left, right)):
                return column, left, right
    return None


def _messages(event: bytes) -> str:
    failure = json.loads(event)["data"]["failure"]
    return json.dumps(failure.get("messages", failure.get("message")), ensure_ascii=False)[:1000]


def _same_json(left: str, right: str) -> bool:
    """Compare JSON with the order of its keys and the text of its numbers."""

    def number(text: str) -> tuple[str]:
        return (text,)

    def read(text: str) -> Any:
        return json.loads(text, object_pairs_hook=tuple, parse_int=number, parse_float=number)

    return bool(left and right and read(left) == read(right))


def main() -> int:
    """Print the differences by configuration, family and column. Exit code 1 when one is not declared."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.conformance_golden",
        description=__doc__,
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--configuration", choices=CONFIGURATIONS, action="append", help="only this one")
    parser.add_argument("--family", help="only payloads of this family")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print so many differences of each kind")
    parser.add_argument("--golden", type=Path, default=GOLDEN, help="another folder of the same form")
    parser.add_argument("--json", action="store_true", help="print every difference as JSON")
    arguments = parser.parse_args()
    reasons = {name: reason for reason, names in declared().items() for name in names}
    all_found = [
        each
        for configuration in arguments.configuration or CONFIGURATIONS
        for each in differences(configuration, arguments.golden)
        if arguments.family in (None, each.family)
    ]
    if arguments.json:
        print(msgspec.json.encode(all_found).decode())
    undeclared = [each for each in all_found if f"{each.family}/{each.n}" not in reasons]
    if not arguments.json:
        _print(undeclared, arguments.show)
        for configuration in arguments.configuration or CONFIGURATIONS:
            of_it = [each for each in all_found if each.configuration == configuration]
            rest = sum(each in undeclared for each in of_it)
            print(f"{configuration}: {len(of_it)} differences, {rest} of them not declared")
    return 1 if undeclared else 0


def _print(found: list[Difference], show: int) -> None:
    counts = Counter((each.family, each.column) for each in found)
    for (family, column), count in sorted(counts.items(), key=lambda item: -item[1]):
        print(f"{count:5} {family}: {column}")
        shown: dict[int, Difference] = {}
        for each in found:
            if (each.family, each.column) == (family, column):
                shown.setdefault(each.n, each)
        for each in list(shown.values())[:show]:
            print(f"      {each.family}/{each.n} ({each.configuration})")
            print(f"        Enrich {each.expected}\n        ours   {each.ours}")


if __name__ == "__main__":
    sys.exit(main())
