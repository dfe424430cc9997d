"""Records of several payloads, compressed: what is read, and each defect with what was read before it."""

import gzip
import json
from base64 import b64decode
from collections.abc import Callable

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from services.enricher.adapters import decompression
from services.enricher.adapters.decompression import Bounds
from services.enricher.processing.record_enricher import Outputs, RecordEnricher
from tests.fixtures.enricher import ETL_TSTAMP, IGLU, SP, cells, get, outputs
from wire.collector_payload import encode

ONE, TWO = encode(get(page="1")), encode(get(page="2"))
FORMATS = [("Gzip", gzip.compress), ("Zstd", zstd.compress)]
COMPRESSIONS = [compress for _, compress in FORMATS]

type Compress = Callable[[bytes], bytes]


def frame(*payloads: bytes, versions: bytes = b"\x01\x01") -> bytes:
    return versions + b"".join(len(each).to_bytes(4, "big") + each for each in payloads)


def titles(record: bytes) -> list[str]:
    return [cells(line)["page_title"] for line in outputs(record).good]


@pytest.mark.contract("C.2/compressed")
@pytest.mark.parametrize("compress", COMPRESSIONS)
def test_each_payload_of_a_compressed_record_is_enriched(compress: Compress) -> None:
    assert titles(compress(frame(ONE, TWO))) == ["1", "2"]
    assert outputs(compress(frame(ONE, TWO))).bad == []


@pytest.mark.contract("C.2/compressed versions")
@pytest.mark.parametrize(("name", "compress"), FORMATS)
def test_another_version_of_the_frame(name: str, compress: Compress) -> None:
    record = compress(frame(ONE, versions=b"\x01\x02"))
    (event,) = map(json.loads, outputs(record).bad)
    assert event["schema"] == f"iglu:{SP}.badrows/collector_payload_format_violation/jsonschema/1-0-0"
    assert event["data"]["failure"]["loader"] == name
    message = {"error": "Unsupported versions in compressed record header: 1, 2"}
    assert event["data"]["failure"]["message"] == message
    assert b64decode(event["data"]["payload"]) == record


@pytest.mark.contract("C.2/compressed corrupt")
@pytest.mark.parametrize("compress", COMPRESSIONS)
@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"\x01",
        frame(),
        frame(ONE) + b"\x00",
        frame(ONE) + b"\xff\xff\xff\xff",
        frame(ONE) + (9).to_bytes(4, "big") + b"x",
    ],
)
def test_what_was_read_before_a_defect_is_kept(compress: Compress, plain: bytes) -> None:
    record = compress(plain)
    assert titles(record) == (["1"] if ONE in plain else [])
    (event,) = map(json.loads, outputs(record).bad)
    assert event["data"]["failure"]["loader"] == ""
    assert event["data"]["failure"]["message"] == {"error": "corrupt compressed payload"}
    assert b64decode(event["data"]["payload"]) == record


@pytest.mark.contract("C.2/compressed corrupt")
@pytest.mark.parametrize("compress", COMPRESSIONS)
def test_a_stream_that_is_cut_or_goes_on_with_something_else(compress: Compress) -> None:
    record = compress(frame(ONE, TWO))
    for broken in (record[:-5], record[:4], record + b"more"):
        (event,) = map(json.loads, outputs(broken).bad)
        assert event["data"]["failure"]["message"] == {"error": "corrupt compressed payload"}


@pytest.mark.contract("C.2/compressed size")
@pytest.mark.parametrize(("name", "compress"), FORMATS)
def test_a_payload_over_the_limit_is_never_in_memory(name: str, compress: Compress) -> None:
    limit = 10_000_000
    record = compress(frame(ONE) + (limit + 1).to_bytes(4, "big") + bytes(100))
    assert titles(record) == ["1"]
    (event,) = map(json.loads, outputs(record).bad)
    assert event["schema"] == f"iglu:{SP}.badrows/size_violation/jsonschema/1-0-0"
    failure = event["data"]["failure"]
    assert (failure["maximumAllowedSizeBytes"], failure["actualSizeBytes"]) == (limit, limit + 1)
    expectation = f"Collector payload will exceed maximum allowed size of {limit} after {name} decompression"
    assert failure["expectation"] == expectation
    assert b64decode(event["data"]["payload"]) == record


@pytest.mark.contract("C.2/compressed size")
@pytest.mark.parametrize("compress", COMPRESSIONS)
def test_a_payload_over_the_limit_costs_none_of_its_neighbours(compress: Compress) -> None:
    large = encode(get(page="x" * 500))
    bounds = Bounds(max_bytes_single_payload=len(large) - 1)
    made = Outputs()
    RecordEnricher(IGLU, 1_000_000, bounds=bounds).add(compress(frame(ONE, large, TWO, large, ONE)), ETL_TSTAMP, made)
    assert [cells(line)["page_title"] for line in made.good] == ["1", "2", "1"]
    assert ["/size_violation/" in event.decode() for event in made.bad] == [True, True]


@pytest.mark.contract("C.2/compressed size")
@pytest.mark.parametrize(("name", "compress"), FORMATS)
def test_the_limit_of_a_payload_is_a_setting(name: str, compress: Compress) -> None:
    made = Outputs()
    enricher = RecordEnricher(IGLU, 1_000_000, bounds=Bounds(max_bytes_single_payload=len(TWO) - 1))
    enricher.add(compress(frame(b"", TWO)), ETL_TSTAMP, made)
    failure = json.loads(made.bad[1])["data"]["failure"]
    assert (failure["maximumAllowedSizeBytes"], failure["actualSizeBytes"]) == (len(TWO) - 1, len(TWO))
    assert f"after {name} decompression" in failure["expectation"]


@pytest.mark.contract("C.2/compressed bomb")
@pytest.mark.parametrize(("name", "compress"), FORMATS)
@pytest.mark.parametrize("size", [0, 10_000_000])
def test_a_bomb_is_refused_when_it_has_become_a_hundred_megabytes(name: str, compress: Compress, size: int) -> None:
    many = 400_000 if size == 0 else 12
    payload = size.to_bytes(4, "big") + bytes(size)
    payloads = decompression.payloads(compress(b"\x01\x01" + payload * many), 10_000_000)
    for _ in range(100_000 if size == 0 else 10):
        assert next(payloads) == bytes(size)
    with pytest.raises(decompression.TooLargeError) as raised:
        next(payloads)
    assert (raised.value.maximum, raised.value.actual - 100_000_000) == (100_000_000, size or 1_000)
    said = f"Collector payloads together will exceed maximum allowed size of 100000000 after {name} decompression"
    assert str(raised.value) == said


@pytest.mark.contract("C.2/batch size")
def test_a_record_is_written_in_parts_of_so_many_decompressed_bytes() -> None:
    parts: list[int] = []

    def write(outputs: Outputs) -> None:
        part = Outputs()
        part.take(outputs)
        parts.append(len(part.good))

    made = Outputs(write=write)
    enricher = RecordEnricher(IGLU, 1_000_000, bounds=Bounds(max_bytes_in_batch=2 * len(ONE)))
    enricher.add(gzip.compress(frame(*[ONE] * 7)), ETL_TSTAMP, made)
    assert parts == [3, 3], "a part ends with the payload that goes over"
    assert len(made.good) == 1


@pytest.mark.contract("C.2/compressed")
def test_a_payload_that_is_no_thrift_fails_alone() -> None:
    made = outputs(gzip.compress(frame(ONE, b"nonsense", TWO)))
    assert len(made.good) == 2
    (event,) = map(json.loads, made.bad)
    assert event["data"]["failure"]["loader"] == "thrift"
    assert b64decode(event["data"]["payload"]) == b"nonsense"


@given(st.sampled_from(FORMATS), st.binary(max_size=60), st.data())
def test_any_stream_gives_outputs_and_no_bug(named: tuple[str, Compress], plain: bytes, data: st.DataObject) -> None:
    record = bytearray(named[1](plain))
    record[data.draw(st.integers(4, len(record) - 1))] = data.draw(st.integers(0, 255))
    for each in (named[1](plain), bytes(record), bytes(record[:-3])):
        made = outputs(each)
        assert not any(b"internal error" in event for event in made.bad)


@given(st.lists(st.binary(max_size=50), min_size=1), st.sampled_from(FORMATS))
def test_payloads_are_read_back(payloads: list[bytes], named: tuple[str, Compress]) -> None:
    assert list(decompression.payloads(named[1](frame(*payloads)), 50)) == payloads
