"""Fuzz what the enricher reads of a record: each gives an output, no output says "internal error", nothing leaks.

The first byte says where the rest goes: a whole record, plain or compressed, or a part of a request. All enrichments
that need no file are on. Of every enriched line the columns that pii hashes are digests, the address is masked, and the
text at a JSON path of pii is a digest in all contexts. Records enriched together give what each gives alone. A finding
is written to `.snowveil/fuzz/`, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import re
import sys
import tempfile
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from typing import Any

import atheris  # type: ignore[import-untyped]  # it is installed in .venv-fuzz alone

with atheris.instrument_imports(include=["services.enricher", "wire"]):
    from services.enricher.enrichments import loader
    from services.enricher.enrichments.assets import Assets
    from services.enricher.iglu.validation import Iglu
    from services.enricher.processing.record_enricher import Outputs, RecordEnricher
    from wire.collector_payload import CollectorPayload, encode
    from wire.columns import COLUMNS, INDEX

ROOT = Path(__file__).parents[2]
_CSP = "com.snowplowanalytics.snowplow"
_EN = f"{_CSP}.enrichments"
_ETL_TSTAMP = "2026-01-02 03:04:05.678"
_FORM = f"iglu:{_CSP}/submit_form/jsonschema/1-0-0"
_PARAMETERS: dict[tuple[str, str, str], dict[str, Any]] = {
    (_CSP, "anon_ip", "1-0-1"): {"anonOctets": 2, "anonSegments": 4},
    (_CSP, "cookie_extractor_config", "1-0-0"): {"cookies": ["sp"]},
    (_EN, "http_header_extractor_config", "1-0-0"): {"headersPattern": "(x-)+.*"},
    (_EN, "pii_enrichment_config", "2-0-1"): {
        "pii": [
            {"pojo": {"field": "user_id"}},
            {"pojo": {"field": "domain_userid"}},
            {"json": {"field": "unstruct_event", "schemaCriterion": _FORM, "jsonPath": "$..formId"}},
            {"json": {"field": "contexts", "schemaCriterion": _FORM, "jsonPath": "$.elements[?(@.name)].value"}},
        ],
        "strategy": {"pseudonymize": {"hashFunction": "SHA-256", "salt": "pepper"}},
    },
}
_GET = CollectorPayload(
    ip_address="203.0.113.7",
    timestamp=1_700_000_000_123,
    collector="ssc",
    user_agent="Mozilla/5.0",
    path=f"/{_CSP}/tp2",
    querystring="e=pv&p=web",
    network_user_id="5b2c1c5e-2b3f-4f0e-9a67-0c1f9d6a7d11",
)
_JSON = "application/json"
_DIGEST = re.compile("[0-9a-f]{64}")
_MASKED = re.compile(r"(::FFFF:)?\d+\.\d+\.x\.x|([0-9a-f]+:){4}x:x:x:x|x|unknown|")
_FIELDS = [{"name": "n", "value": "alice", "nodeName": "INPUT"}]
_SUBMITTED = {"schema": _FORM, "data": {"formId": "f", "formClasses": ["c"], "elements": _FIELDS}}


class Finding(Exception):  # noqa: N818 - what fuzzing looks for, no error of this program
    """A promise that does not hold."""


def _wrapped(name: str, version: str, data: object) -> bytes:
    return json.dumps({"schema": f"iglu:{_CSP}/{name}/jsonschema/{version}", "data": data}).encode()


_EVENT = {"e": "pv", "p": "web", "tv": "t", "uid": "alice", "url": "https://a.org/?utm_source=x&_sp=a.1"}
_SEEDS = [
    b"\x01\x01\x01",
    b"\x00" + encode(_GET),
    b"\x01\x01\x01" + len(encode(_GET)).to_bytes(4, "big") + encode(_GET),
    b"\x02e=ue&ue_pr=%7B%7D&uid=alice&duid=d&res=1x2&ip=[2001:db8::1]:80&tid=1&stm=1&cx=e30",
    b"\x03" + _wrapped("payload_data", "1-0-4", [_EVENT, _EVENT]),
    b"\x04X-Forwarded-For: 198.51.100.1",
    b"\x05" + _wrapped("contexts", "1-0-0", [_SUBMITTED, _SUBMITTED]),
    b"\x06" + _wrapped("unstruct_event", "1-0-0", _SUBMITTED),
    b"\x07u=https%3A%2F%2Fa.org&e=pv&co=%7B%7D",
    b"\x08" + json.dumps(_SUBMITTED).encode(),
    b"\x09" + json.dumps({"cs-uri-stem": "/a", "x-host-header": "h", "c-ip": "192.0.2.1"}).encode(),
    b"\x0a[2001:db8::1%eth0]:443",
    b"\x0bMozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
    b"\x0chttps://a.b.c:8080/d;e?q=%zz&utm_source=x#f",
]


def _record(data: bytes) -> bytes:
    """Return the record that the bytes stand for."""
    place, content = data[:1], data[1:]
    text = content.decode(errors="replace")
    encoded = urlsafe_b64encode(content).decode().rstrip("=")
    match place:
        case b"\x00":
            return content
        case b"\x01":
            return gzip.compress(content, 1)
        case b"\x02":
            return encode(_with(querystring=text))
        case b"\x03":
            return encode(_with(body=text, content_type=_JSON, querystring=""))
        case b"\x04":
            return encode(_with(headers=("Host: h", *text.split("\n"))))
        case b"\x05":
            return encode(_with(querystring=f"e=pv&p=web&cx={encoded}"))
        case b"\x06":
            return encode(_with(querystring=f"e=ue&p=web&ue_px={encoded}"))
        case b"\x07":
            return encode(_with(path="/r/tp2", querystring=text))
        case b"\x08":
            return encode(_with(path="/com.snowplowanalytics.iglu/v1", body=text, content_type=_JSON, querystring=""))
        case b"\x09":
            body = json.dumps({"records": [{"data": b64encode(content).decode()}]})
            path = "/com.amazon.aws.cloudfront/firehose"
            return encode(_with(path=path, body=body, content_type=_JSON, querystring=""))
        case b"\x0a":
            return encode(_with(ip_address=text))
        case b"\x0b":
            return encode(_with(user_agent=text))
    return encode(_with(referer_uri=text, path=text, hostname=text, network_user_id=text))


def _with(**parts: Any) -> CollectorPayload:
    names = _GET.__struct_fields__
    return CollectorPayload(**{name: getattr(_GET, name) for name in names} | parts)


def enricher() -> RecordEnricher:
    """Return an enricher with all enrichments that need no file."""
    with tempfile.TemporaryDirectory() as name:
        for (vendor, kind, version), parameters in _PARAMETERS.items():
            data = {"vendor": vendor, "name": kind, "enabled": True, "emitEvent": True, "parameters": parameters}
            if kind != "pii_enrichment_config":
                del data["emitEvent"]
            document = {"schema": f"iglu:{vendor}/{kind}/jsonschema/{version}", "data": data}
            (Path(name) / f"{kind}.json").write_text(json.dumps(document))
        for file in loader.DEFAULTS.iterdir():
            (Path(name) / file.name).write_text(file.read_text())
        enrichments = loader.load(Path(name), Assets())
    return RecordEnricher(Iglu(ROOT / "schemas"), 1_000_000, enrichments, max_incomplete_size=1_000_000)


def check(records: RecordEnricher, data: bytes) -> None:
    """Enrich the record alone and with others. Raises Finding, or whatever the enricher raises."""
    record = _record(data)
    alone, together = Outputs(), Outputs()
    records.add(record, _ETL_TSTAMP, alone)
    records.add_all([record, record], _ETL_TSTAMP, together)
    if not alone.good and not alone.bad:
        raise Finding("a record without an output")
    if (2 * len(alone.good), 2 * len(alone.bad)) != (len(together.good), len(together.bad)):
        raise Finding("records together give other outputs than each alone")
    for event in alone.bad:
        if b"internal error" in event:
            raise Finding("a bug")
        if not {"schema", "data"} == json.loads(event).keys():
            raise Finding("a failed event of another form")
    for line in (*alone.good, *alone.pii, *alone.incomplete):
        if line.count(b"\t") != len(COLUMNS) - 1 or b"\n" in line:
            raise Finding("a line of another form")
    for line in alone.good:
        _check_private(line.decode().split("\t"))


def _check_private(cells: list[str]) -> None:
    for column in ("user_id", "domain_userid"):
        if cells[INDEX[column]] and not _DIGEST.fullmatch(cells[INDEX[column]]):
            raise Finding(f"{column} in clear")
    if not _MASKED.fullmatch(cells[INDEX["user_ipaddress"]]):
        raise Finding("an address that is not masked")
    if cells[INDEX["contexts"]]:
        for entity in json.loads(cells[INDEX["contexts"]])["data"]:
            if entity["schema"] == _FORM:
                for element in entity["data"].get("elements") or []:
                    value = element.get("value")
                    if "name" in element and isinstance(value, str) and not _DIGEST.fullmatch(value):
                        raise Finding("text at a path of pii in clear")


def main() -> int:
    """Fuzz. Exit code 0 when nothing was found."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.fuzz.enricher",
        description=__doc__,
        epilog="example: make fuzz TARGET=enricher SECONDS=60",
    )
    parser.add_argument("--seconds", type=int, default=60)
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)  # "bug" lines are findings, and are raised as such
    directory = ROOT / ".snowveil/fuzz"
    corpus = directory / "enricher"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(_SEEDS):
        (corpus / f"seed-{number}").write_bytes(seed)
    limits = [f"-max_total_time={arguments.seconds}", "-max_len=4000", "-len_control=0", "-timeout=10"]
    limits += ["-print_final_stats=1", f"-artifact_prefix={directory}/finding-enricher-"]
    records = enricher()
    atheris.Setup([sys.argv[0], *limits, str(corpus)], lambda data: check(records, data))
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
