"""Whatever is sent: every reader of the enrichments ends, raises nothing of its own, and keeps its promise."""

import hashlib
import json
import struct
from copy import replace
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.enricher.enrichments import iab, loader, referer_parser
from services.enricher.enrichments.anon_ip import anonymize
from services.enricher.enrichments.assets import Assets
from services.enricher.enrichments.configuration import EnrichmentConfigError
from services.enricher.enrichments.cookie_extractor import cookies
from services.enricher.enrichments.event_fingerprint import Fingerprint
from services.enricher.enrichments.java_float import java_float
from services.enricher.enrichments.json_path import Path as JsonPath
from services.enricher.enrichments.json_path import PathError
from services.enricher.fields.column_plan import tracker_event
from services.enricher.processing.record_enricher import Outputs, RecordEnricher
from tests.fixtures.enricher import ETL_TSTAMP, IGLU, get
from tests.fixtures.enrichments import CROSS_NAVIGATION, UA_PARSER, anon_ip, configured, headers, pii
from wire.collector_payload import encode

UNTIMED = settings(deadline=None)  # a busy machine is not a failure
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
SMALL = st.text(st.sampled_from(" ;=\"\\ab,.:/?&%1xX[]'$*@()-"), max_size=40)


NOTATIONS_OF_4 = ["{}", "{}:443", " {} ", "::ffff:{}", "[::ffff:{}]", "[::FFFF:{}]:80", "0:0:0:0:0:FFFF:{}"]
NOTATIONS_OF_6 = ["{}", "[{}]", "[{}]:443", "{}%eth0", "[{}%1]", " {} "]


@UNTIMED
@given(st.ip_addresses(v=4), st.ip_addresses(v=4), st.integers(1, 4), st.integers(1, 8), st.data())
def test_ipv4_addresses_of_one_network_become_one_text_in_every_notation(
    one: IPv4Address, other: IPv4Address, octets: int, segments: int, data: st.DataObject
) -> None:
    bits = 8 * octets
    neighbour = IPv4Address(int(one) >> bits << bits | int(other) & ((1 << bits) - 1))
    written = [data.draw(st.sampled_from(NOTATIONS_OF_4)).format(each) for each in (one, neighbour)]
    first, second = (anonymize(text, octets, segments) for text in written)
    assert first == second
    assert first.split(".") == str(one).split(".")[: 4 - octets] + ["x"] * octets


@UNTIMED
@given(st.ip_addresses(v=6), st.ip_addresses(v=6), st.integers(1, 8), st.data())
def test_ipv6_addresses_of_one_network_become_one_text_in_every_notation(
    one: IPv6Address, other: IPv6Address, segments: int, data: st.DataObject
) -> None:
    bits = 16 * segments
    neighbour = IPv6Address(int(one) >> bits << bits | int(other) & ((1 << bits) - 1))
    assume(one.ipv4_mapped is None)
    assume(neighbour.ipv4_mapped is None)
    spellings = [str(one), one.exploded.upper()], [str(neighbour), neighbour.exploded.upper()]
    written = [
        data.draw(st.sampled_from(NOTATIONS_OF_6)).format(data.draw(st.sampled_from(each))) for each in spellings
    ]
    first, second = (anonymize(text, 1, segments) for text in written)
    assert first == second
    groups = first.split(":")
    assert groups[8 - segments :] == ["x"] * segments
    assert [int(group, 16) for group in groups[: 8 - segments]] == [
        int(group, 16) for group in one.exploded.split(":")[: 8 - segments]
    ]


@UNTIMED
@given(SMALL | TEXT | st.ip_addresses().map(str).flatmap(lambda text: st.permutations(text).map("".join)))
def test_any_text_that_is_not_an_address_is_masked_as_a_whole(text: str) -> None:
    masked = anonymize(text, 4, 8)
    assert masked in ("", "unknown") or set(masked.removeprefix("::FFFF:")) <= set("x.:")


@pytest.mark.parametrize(
    "text", ["9" * 5_000, "[" + "9" * 5_000 + "]", "9" * 5_000 + ":80", "1." * 50_000, ":" * 50_000]
)
def test_a_long_text_is_masked_and_no_failure(text: str) -> None:
    assert anonymize(text, 1, 1) == "x"


@UNTIMED
@given(SMALL | TEXT)
def test_any_cookie_header_is_read(text: str) -> None:
    for name, value in cookies(text):
        assert not name or all(word in text for word in name.split(" "))
        assert value is None or len(value) <= len(text)


@UNTIMED
@given(st.dictionaries(st.text("abcxyz-", min_size=1), st.text("abcxyz-0 ", max_size=9), max_size=5))
def test_cookies_come_back(jar: dict[str, str]) -> None:
    header = "; ".join(f"{name}={value}" for name, value in jar.items())
    assert dict(cookies(header)) == {name: " ".join(value.split()) for name, value in jar.items()}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("a=1,b=2;c=3", [("a", "1")]), ('a={"x":1}', [("a", "{x:1}")]), ('a="x; y"', [("a", "x; y")]),
        ('a="x,y";b', [("a", "x,y"), ("b", None)]), ('a="x"y" z', [("a", "xy z")]), ("a=", [("a", "")]),
        (r'a="\"\\\x"', [("a", r'"\\x')]), ("a  b = c  d ;", [("a b", "c d")]), ('a="open', [("a", "open")]),
    ],
)  # fmt: skip
def test_a_cookie_header_is_read_as_a_headers_parameters_are(
    header: str, expected: list[tuple[str, str | None]]
) -> None:
    assert list(cookies(header)) == expected


def test_a_cookie_header_is_read_in_linear_time() -> None:
    hostile = 'a="' + "\\" * 200_000 + ";" + " " * 200_000 + '"='
    assert len(list(cookies(hostile))) >= 1


@UNTIMED
@given(st.dictionaries(TEXT, st.none() | TEXT, max_size=6))
def test_a_fingerprint_does_not_depend_on_the_order_of_parameters(parameters: dict[str, str | None]) -> None:
    turned = dict(reversed(parameters.items()))
    fingerprint = Fingerprint(frozenset(), hashlib.sha256)
    assert fingerprint(parameters, tracker_event(parameters).column_plan) == fingerprint(
        turned, tracker_event(turned).column_plan
    )


@UNTIMED
@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float_reads_back_and_has_a_point(number: float) -> None:
    text = java_float(number)
    assert struct.pack(">f", float(text)) == struct.pack(">f", number + 0.0)
    digits, _, exponent = text.partition("E")
    assert "." in digits
    assert bool(exponent) == (number != 0 and not 1e-3 <= abs(number) < 1e7)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.0, "0.0"), (51.5142, "51.5142"), (-0.0931, "-0.0931"), (100.0, "100.0"), (0.001, "0.001"), (1e7, "1.0E7"),
     (0.00012, "1.2E-4"), (-122.4, "-122.4"), (3.4028234663852886e38, "3.4028235E38")],
)  # fmt: skip
def test_floats_as_java_writes_them(number: float, text: str) -> None:
    assert java_float(number) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


@UNTIMED
@given(
    SMALL.map(lambda text: f"$.{text}") | st.sampled_from(["$..a", "$.*", "$.a[0:2]", "$..*", "$.a[?(@.b>1)].c"]), JSON
)
def test_a_path_compiles_or_is_refused_and_what_it_finds_stands_where_it_says(text: str, data: object) -> None:
    try:
        path = JsonPath.parse(text)
        found = list(path.find(data))
    except PathError:
        return
    for steps, value in found:
        holder = data
        for step in steps:
            holder = holder[step]  # type: ignore[index]
        assert holder == value


PROPERTIES = {"schemaCriterion": "iglu:com.gitlab/custom_event/jsonschema/1-*-*", "jsonPath": "$.props..*"}
EVERY_PROPERTY = configured(pii({"json": {"field": "unstruct_event", **PROPERTIES}}))


@UNTIMED
@given(JSON)
def test_pii_replaces_every_text_and_only_text(data: object) -> None:
    def texts(value: object) -> list[str]:
        if isinstance(value, str):
            return [value]
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        return [text for each in inner for text in texts(each)]

    document = {"a": data}
    context = {"schema": "iglu:com.gitlab/custom_event/jsonschema/1-0-0", "data": {"name": "n", "props": document}}
    unstruct = {"schema": "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0", "data": context}
    made = Outputs()
    RecordEnricher(IGLU, 1_000_000, EVERY_PROPERTY).add(
        encode(get(e="ue", ue_pr=json.dumps(unstruct))), ETL_TSTAMP, made
    )
    assert not made.bad
    cell = made.good[0].decode().split("\t")[58]
    after = json.loads(cell)["data"]["data"]["props"]
    digests = [hashlib.sha256(f"{text}pepper123".encode()).hexdigest() for text in texts(document)]
    assert texts(after) == digests


SITES: dict[str, dict[str, referer_parser._Site]] = {
    "search": {"S": referer_parser._Site(["a.b", "b/x", "c"], ["q"])},
}


@UNTIMED
@given(st.text("abcx.-", max_size=12), st.just("") | st.text("abx/", max_size=8).map(lambda text: f"/{text}"))
def test_a_known_referrer_is_a_suffix_of_the_host(host: str, path: str) -> None:
    found = referer_parser.look_up(referer_parser.known(SITES).hosts, host, path)
    matches = [
        domain
        for domain in SITES["search"]["S"].domains
        if f".{host}".endswith(f".{domain.partition('/')[0]}")
        and path.lstrip("/").startswith(domain.partition("/")[2])  # Snowplow's parser skips empty segments too
    ]
    assert found is None or matches


@UNTIMED
@given(st.binary(max_size=200))
def test_any_file_is_a_list_or_a_value_error(content: bytes) -> None:
    with TemporaryDirectory() as directory:
        file = Path(directory) / "list"
        file.write_bytes(content)
        for read in (iab.read_networks, iab.read_included, iab.read_excluded, referer_parser.read):
            try:
                read(file)
            except ValueError:
                continue


ALL = configured(UA_PARSER, CROSS_NAVIGATION, anon_ip(), headers(".*"), pii({"pojo": {"field": "user_ipaddress"}}))


@UNTIMED
@given(TEXT, TEXT, TEXT, st.lists(TEXT, max_size=3))
def test_no_request_is_a_bug(user_agent: str, crossing: str, address: str, lines: list[str]) -> None:
    request = replace(
        get(url=f"https://gitlab.com/?_sp={crossing}", ip=address), user_agent=user_agent, headers=tuple(lines)
    )
    made = Outputs()
    RecordEnricher(IGLU, 1_000_000, ALL).add(encode(request), ETL_TSTAMP, made)
    assert len(made.good) + len(made.bad) == 1
    assert not any(b"internal error" in event for event in made.bad)


@UNTIMED
@given(JSON)
def test_any_document_is_a_configuration_or_one_line(data: object) -> None:
    document = {"schema": "iglu:com.snowplowanalytics.snowplow/anon_ip/jsonschema/1-0-0", "data": data}
    with TemporaryDirectory() as directory:
        (Path(directory) / "x.json").write_bytes(msgspec.json.encode(document))
        with pytest.raises(EnrichmentConfigError) as error:
            loader.load(Path(directory), Assets())
    assert "\n" not in str(error.value)
