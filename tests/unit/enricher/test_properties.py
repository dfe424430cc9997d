"""Whatever bytes come: an output for each record, never an exception, and lines of 131 cells."""

import json
from base64 import b64encode, urlsafe_b64encode
from contextlib import suppress
from copy import replace
from decimal import Decimal
from urllib.parse import quote_plus

from hypothesis import given
from hypothesis import strategies as st

from services.enricher.fields import parameters
from services.enricher.fields.parameters import ParameterError
from services.enricher.text import exact_json, java_uri, querystring, timestamps, url
from services.enricher.text.exact_json import ExactJsonError
from services.enricher.text.java_uri import UrlError
from services.enricher.text.querystring import QuerystringError
from services.enricher.text.timestamps import TimestampError
from tests.fixtures.enricher import GET, JSON, SP, base64, contexts, outputs, post_body, sdj, unstruct
from wire.collector_payload import CollectorPayload, encode
from wire.columns import COLUMNS
from wire.tracker_protocol import PARAMETERS

text = st.text(st.characters(exclude_categories=["Cs"]))
nasty = text | st.sampled_from(["", "\t", "\n", "\r", "a\tb", "1", "0", "null", "1x1", "x" * 300, "😀", "\u2028"])
url_like = st.text("ah:/?#[]@%41.-_ \t|ü{}\\", max_size=30)
IN_BODY = sorted(key for key, parameter in PARAMETERS.items() if parameter.in_body)
payloads = st.builds(
    CollectorPayload,
    ip_address=nasty,
    timestamp=st.integers(-(2**63), 2**63 - 1),
    collector=nasty,
    user_agent=st.none() | nasty,
    referer_uri=st.none() | nasty | url_like,
    path=st.none() | st.sampled_from([f"/{SP}/tp2", "/i", "/a/b"]) | nasty,
    querystring=st.none() | nasty | st.sampled_from(["e=pv", "e=ue&p=web", "e=pv&url=%09", "a&b=%ff"]),
    body=st.none() | nasty,
    headers=st.lists(nasty, max_size=3).map(tuple),
    content_type=st.none() | st.just(JSON) | nasty,
    network_user_id=st.none() | st.just("1-2-3-4-5") | nasty,
)


def assert_whole(record: bytes) -> None:
    made = outputs(record)
    assert made.good or made.bad
    for line in made.good:
        assert line.count(b"\t") == len(COLUMNS) - 1
        assert b"\n" not in line
        assert b"\r" not in line
    for event in made.bad:
        assert json.loads(event)["data"]["failure"]["timestamp"]
        assert b"internal error" not in event


@given(st.binary(max_size=200))
def test_any_bytes_give_an_output(record: bytes) -> None:
    assert_whole(record)


@given(payloads)
def test_any_payload_gives_an_output(payload: CollectorPayload) -> None:
    assert_whole(encode(payload))


@given(payloads, st.data())
def test_any_payload_broken_anywhere_gives_an_output(payload: CollectorPayload, data: st.DataObject) -> None:
    record = bytearray(encode(payload))
    record[data.draw(st.integers(0, len(record) - 1))] = data.draw(st.integers(0, 255))
    assert_whole(bytes(record))


@given(st.lists(st.dictionaries(st.sampled_from(IN_BODY), nasty | url_like, max_size=6), min_size=1, max_size=3))
def test_any_parameters_give_as_many_outputs_as_events(events: list[dict[str, str]]) -> None:
    data = [{"e": "pv", "p": "web", "tv": "t", **each} for each in events]
    body = json.dumps(sdj(f"{SP}/payload_data/jsonschema/1-0-4", data))
    made = outputs(post_body(body))
    assert len(made.good) + len(made.bad) == len(data)
    assert_whole(encode(post_body(body)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_json_is_written_as_it_was_read(value: object) -> None:
    written = exact_json.dump(exact_json.parse(json.dumps(value)).exact)
    assert json.loads(written) == value
    assert exact_json.dump(exact_json.parse(written).exact) == written
    assert exact_json.dump(exact_json.parse(written.encode()).exact) == written


@given(nasty | st.text('[]{}":,\\ u12de.-', max_size=40))
def test_json_text_is_read_or_refused(source: str) -> None:
    with suppress(ExactJsonError):
        json.loads(exact_json.dump(exact_json.parse(source).exact))


@given(json_values)
def test_any_json_as_contexts_or_event_gives_an_output(value: object) -> None:
    for entity in (contexts(value), unstruct(value), json.dumps(value)):
        assert_whole(encode(replace(GET, querystring=f"e=ue&cx={base64(entity)}&ue_px={base64(entity)}")))


@given(st.lists(st.tuples(text.filter(bool), st.none() | text), max_size=5))
def test_a_querystring_is_read_back(pairs: list[tuple[str, str | None]]) -> None:
    encoded = "&".join(quote_plus(k) + ("" if v is None else "=" + quote_plus(v)) for k, v in pairs)
    assert querystring.parse(encoded) == pairs


@given(nasty | st.text("a=&;%+#[]2F", max_size=30))
def test_a_querystring_is_read_or_refused(source: str) -> None:
    try:
        pairs = querystring.parse(source)
    except QuerystringError:
        assert java_uri.illegal_in_query(source) is not None
    else:
        assert all(name for name, _ in pairs)


@given(st.integers())
def test_integers_within_32_bits_are_read_back_and_others_refused(number: int) -> None:
    try:
        assert parameters.integer(str(number)) == str(number)
    except ParameterError:
        assert not -(2**31) <= number < 2**31


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimals_keep_their_value(number: Decimal) -> None:
    try:
        written = parameters.decimal(str(number))
    except ParameterError:
        assert number.adjusted() > 400 or not number
    else:
        assert Decimal(written) == number
        assert "E+" not in written
        json.loads(written)


@given(nasty | st.text("+-.eE0123456789_", max_size=12))
def test_numbers_are_read_or_refused(source: str) -> None:
    for function in (parameters.integer, parameters.decimal, parameters.timestamp):
        try:
            written = function(source)
        except ParameterError:
            continue
        assert written or source.lower() == "null"


@given(st.integers(-(2**63), 2**63 - 1))
def test_timestamps_have_one_form(milliseconds: int) -> None:
    try:
        written = timestamps.format_timestamp(milliseconds)
    except TimestampError:
        assert not -62_167_219_200_000 <= milliseconds < 253_402_300_800_000
    else:
        assert len(written) == len("2026-01-02 03:04:05.678")


@given(url_like | nasty)
def test_the_parts_of_a_url_join_to_the_url(source: str) -> None:
    try:
        parsed = url.parse(source)
    except UrlError:
        return
    assert url.parse(parsed.text) == parsed
    for part in (parsed.scheme, parsed.host, parsed.path, parsed.query, parsed.fragment):
        assert part is None or part in parsed.text
    assert " " not in parsed.text


@given(st.binary(max_size=50))
def test_base64_is_read_back_in_both_alphabets(data: bytes) -> None:
    for encoded in (b64encode(data), urlsafe_b64encode(data), urlsafe_b64encode(data).rstrip(b"=")):
        assert parameters.decode_base64(encoded.decode()) == data


@given(text)
def test_any_text_decodes_as_base64(source: str) -> None:
    assert isinstance(parameters.decode_base64(source), bytes)
