"""Files that are refreshed: the new one is taken as a whole or not at all."""

import io
import logging
import os
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import boto3
import maxminddb
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from services.enricher.enrichments import assets, loader, ua_parser
from services.enricher.enrichments.assets import AssetError, Assets
from services.enricher.enrichments.configuration import EnrichmentConfigError
from services.enricher.enrichments.ip_lookups import open_database
from tests.fixtures.enricher import SP
from tests.fixtures.enrichments import configuration, write

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def number(file: Path) -> int:
    return int(file.read_text())


def replace(file: Path, content: bytes, age: int) -> None:
    """Write in place, as a careless copy does, with another time than before."""
    file.write_bytes(content)
    os.utime(file, (age, age))


def mmdb(directory: Path, country: str, networks: int = 200) -> bytes:
    writer = MMDBWriter(6, "Test-City", languages=["en"], ipv4_compatible=True)
    for each in range(networks):
        writer.insert_network(IPSet([f"10.{each}.0.0/16"]), {"country": {"iso_code": country}})
    file = directory / f"{country}.mmdb"
    writer.to_db_file(str(file))
    return file.read_bytes()


def country(reader: maxminddb.Reader) -> str:
    record: Any = reader.get("10.7.1.1")
    found: str = record["country"]["iso_code"]
    return found


@pytest.mark.contract("C.11/refresh")
def test_a_changed_file_is_taken_in_and_an_unchanged_one_is_not_read_again(tmp_path: Path) -> None:
    file = tmp_path / "n"
    replace(file, b"1", 1)
    reads: list[int] = []

    def read(path: Path) -> int:
        reads.append(number(path))
        return reads[-1]

    everything = Assets()
    asset = everything.use(f"file://{tmp_path}//", "n", read)
    everything.refresh()
    assert (asset.value, reads) == (1, [1])
    replace(file, b"2", 2)
    everything.refresh()
    assert (asset.value, reads) == (2, [1, 2])


def test_a_broken_file_is_refused_once_and_the_old_content_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "n"
    replace(file, b"1", 1)
    everything = Assets()
    asset = everything.use(f"file://{tmp_path}", "n", number)
    replace(file, b"broken\nin two lines", 2)
    with caplog.at_level(logging.ERROR):
        everything.refresh()
        everything.refresh()
    assert asset.value == 1
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith(f"file://{tmp_path}/n: not usable (ValueError: ")
    assert line.endswith("the file from before stays in use")
    file.unlink()
    everything.refresh()
    assert asset.value == 1
    replace(file, b"3", 3)
    everything.refresh()
    assert asset.value == 3


def test_a_half_written_database_is_refused_and_lookups_go_on_in_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "GeoLite2-City.mmdb"
    old, new = mmdb(tmp_path, "GB"), mmdb(tmp_path, "FR")
    replace(file, old, 1)
    everything = Assets()
    asset = everything.use(f"file://{tmp_path}", file.name, open_database)
    for age, half in enumerate((new[: len(new) // 2], b"", new[:-1], b"\x00" * 700 + new[700:]), start=2):
        replace(file, half, age)
        everything.refresh()
        assert country(asset.value) == "GB"
    replace(file, new, 9)
    everything.refresh()
    assert country(asset.value) == "FR"


def test_a_file_that_changes_while_it_is_copied_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "n"
    replace(file, b"1", 1)

    def copy(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes())
        replace(file, b"12", 2)

    monkeypatch.setattr(assets.shutil, "copyfile", copy)  # type: ignore[attr-defined]  # the module's own import
    with pytest.raises(AssetError, match="is being written"):
        Assets().use(f"file://{tmp_path}", "n", number)


def s3() -> "S3Client":
    return boto3.client("s3", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")


def answer(content: bytes, length: int | None = None) -> dict[str, Any]:
    body = StreamingBody(io.BytesIO(content), len(content))
    return {"Body": body, "ContentLength": len(content) if length is None else length}


def test_an_object_is_read_again_only_when_its_etag_changes() -> None:
    client = s3()
    named = {"Bucket": "assets", "Key": "geo/n"}
    with Stubber(client) as stub:
        stub.add_response("head_object", {"ETag": '"a"'}, named)
        stub.add_response("get_object", answer(b"1"), {**named, "IfMatch": '"a"'})
        stub.add_response("head_object", {"ETag": '"a"'}, named)
        stub.add_response("head_object", {"ETag": '"b"'}, named)
        stub.add_response("get_object", answer(b"2"), {**named, "IfMatch": '"b"'})
        stub.add_client_error("head_object", "SlowDown", "secret text")
        stub.add_response("head_object", {"ETag": '"c"'}, named)
        stub.add_response("get_object", answer(b"3", length=30), {**named, "IfMatch": '"c"'})
        everything = Assets(s3=client)
        asset = everything.use("s3://assets/geo/", "n", number)
        values = [asset.value]
        for _ in range(4):
            everything.refresh()
            values.append(asset.value)
        stub.assert_no_pending_responses()
    assert values == [1, 1, 2, 2, 2]


def test_a_missing_object_is_one_line_without_aws_text() -> None:
    client = s3()
    with Stubber(client) as stub:
        stub.add_client_error("head_object", "404", "secret text")
        with pytest.raises(AssetError) as error:
            Assets(s3=client).use("s3://assets", "n", number)
    assert str(error.value) == "s3://assets/n: HeadObject: 404"


@pytest.mark.parametrize("uri", ["https://example.org", "gs://bucket", "s3:///key", "file://host/x", "plain"])
def test_other_addresses_are_refused(uri: str) -> None:
    with pytest.raises(AssetError, match="can be read"):
        Assets().use(uri, "n", number)


def test_the_thread_looks_until_it_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "CHECK_SECONDS", 0.001)
    file = tmp_path / "n"
    replace(file, b"1", 1)
    seen, stop = Event(), Event()

    def read(path: Path) -> int:
        if number(path) == 2:
            seen.set()
        return number(path)

    everything = Assets()
    everything.use(f"file://{tmp_path}", "n", read)
    everything.keep_current(stop)
    replace(file, b"2", 2)
    assert seen.wait(120)
    stop.set()


RULES = """
user_agent_parsers:
  - regex: '(Firefox)'
os_parsers:
  - regex: '(Linux)'
device_parsers:
  - regex: '(Phone)'
"""
BROKEN_RULES = {
    "no YAML": "[" * 1_000,
    "no rules": "- a list",
    "a pattern that is none": RULES.replace("(Firefox)", "("),
    "lookaround": RULES.replace("(Firefox)", "(?=F)(Firefox)"),
    "a pattern without its group": RULES.replace("(Firefox)", "Firefox"),
    "a pattern that is a number": RULES.replace("'(Firefox)'", "5"),
}


@pytest.mark.parametrize("rules", BROKEN_RULES.values(), ids=BROKEN_RULES)
def test_broken_rules_of_one_enrichment_leave_the_refresh_of_the_others_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, rules: str
) -> None:
    replace(tmp_path / "regexes.yaml", RULES.encode(), 1)
    replace(tmp_path / "n", b"1", 1)
    everything = Assets()
    everything.use(f"file://{tmp_path}", "regexes.yaml", ua_parser._read_rules)
    behind = everything.use(f"file://{tmp_path}", "n", number)
    replace(tmp_path / "regexes.yaml", rules.encode(), 2)
    replace(tmp_path / "n", b"2", 2)
    with caplog.at_level(logging.ERROR):
        everything.refresh()
    assert behind.value == 2
    assert f"{tmp_path}/regexes.yaml: not usable" in caplog.text


@pytest.mark.parametrize("rules", BROKEN_RULES.values(), ids=BROKEN_RULES)
def test_broken_rules_stop_the_start_with_the_names_of_both_files(tmp_path: Path, rules: str) -> None:
    (tmp_path / "regexes.yaml").write_text(rules)
    parameters = {"uri": f"file://{tmp_path}", "database": "regexes.yaml"}
    directory = write(tmp_path / "enrichments", configuration(SP, "ua_parser_config", "1-0-1", parameters))
    with pytest.raises(EnrichmentConfigError) as raised:
        loader.load(directory, Assets())
    line = str(raised.value)
    assert line.startswith(
        f"{directory}/0-ua_parser_config.json: parameters: file://{tmp_path}/regexes.yaml: not usable"
    )


def test_a_source_that_breaks_leaves_the_refresh_of_the_others_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("first", "second"):
        replace(tmp_path / name, b"1", 1)
    everything = Assets()
    first, second = (everything.use(f"file://{tmp_path}", name, number) for name in ("first", "second"))
    replace(tmp_path / "second", b"2", 2)
    monkeypatch.setattr(first, "_source", None)
    everything.refresh()
    assert (first.value, second.value) == (1, 2)


def test_an_address_on_the_internet_is_refused_with_what_to_do() -> None:
    with pytest.raises(AssetError, match=r"https://example\.org/x: only file:.* copy the file to a bucket"):
        Assets().use("https://example.org", "x", number)
