from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.collector_payload import SCHEMA, CollectorPayload, PayloadFormatError, decode, decode_with_body, encode

text = st.text(max_size=40)
optional = st.none() | text
payloads = st.builds(
    CollectorPayload,
    ip_address=text,
    timestamp=st.integers(-(2**63), 2**63 - 1),
    collector=text,
    user_agent=optional,
    referer_uri=optional,
    path=optional,
    querystring=optional,
    body=optional,
    headers=st.lists(text, max_size=5).map(tuple),
    content_type=optional,
    hostname=optional,
    network_user_id=optional,
)
MINIMAL = CollectorPayload(ip_address="10.0.0.1", timestamp=1, collector="ssc")


def test_the_bytes_are_thrift_binary_fields_in_ascending_order() -> None:
    record = encode(MINIMAL)
    assert record.startswith(b"\x0b\x00\x64\x00\x00\x00\x0810.0.0.1\x0a\x00\xc8" + (1).to_bytes(8, "big"))
    assert record.endswith(b"\x0b\x7a\x69" + len(SCHEMA).to_bytes(4, "big") + SCHEMA.encode() + b"\x00")
    assert b"\x0b\x00\xd2\x00\x00\x00\x05UTF-8\x0b\x00\xdc\x00\x00\x00\x03ssc\x0f\x01\x5e\x0b\x00\x00\x00\x00" in record


@given(payloads)
def test_what_is_written_is_read_back(payload: CollectorPayload) -> None:
    assert decode(encode(payload)) == payload


@given(payloads)
def test_the_body_comes_once_more_to_read_json_from(payload: CollectorPayload) -> None:
    read, body = decode_with_body(encode(payload))
    assert read == payload
    assert (body.decode() if isinstance(body, bytes) else body) == payload.body
    assert isinstance(body, bytes) == (payload.body is not None and not payload.body.isascii())


def test_of_two_bodies_the_last_counts() -> None:
    record = encode(MINIMAL)
    for texts in (["ü", "a"], ["a", "ü"], ["ü", "ä"]):
        fields = b"".join(b"\x0b\x01\x54" + len(text.encode()).to_bytes(4, "big") + text.encode() for text in texts)
        read, body = decode_with_body(fields + record)
        assert read.body == (body.decode() if isinstance(body, bytes) else body) == texts[-1]


@given(payloads, st.data())
def test_a_truncated_record_is_refused(payload: CollectorPayload, data: st.DataObject) -> None:
    record = encode(payload)
    with pytest.raises(PayloadFormatError, match="Reached end of bytes"):
        decode(record[: data.draw(st.integers(0, len(record) - 1))])


@given(st.binary(max_size=200))
def test_any_bytes_decode_or_are_refused(record: bytes) -> None:
    with suppress(PayloadFormatError):
        decode(record)


@given(payloads, st.data())
def test_a_corrupted_record_never_raises_anything_else(payload: CollectorPayload, data: st.DataObject) -> None:
    record = bytearray(encode(payload))
    for _ in range(data.draw(st.integers(1, 5))):
        record[data.draw(st.integers(0, len(record) - 1))] = data.draw(st.integers(0, 255))
    with suppress(PayloadFormatError):
        decode(bytes(record))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (b"nonsense", "Unrecognized type 110"),
        (b"", "Reached end of bytes"),
        (b"\x0b\x00\x64\x7f\xff\xff\xffa", "Reached end of bytes"),
        (b"\x0f\x01\x5e\x0b\x7f\xff\xff\xff", "Reached end of bytes"),
        (b"\x0b\x00\x64\xff\xff\xff\xff\x00", "negative length"),
        (b"\x0c\x00\x05" * 100_000, "nested too deeply"),
        (b"\x00", "Required field 'encoding' was not found"),
        (encode(MINIMAL).replace(b"1-0-0", b"2-0-0"), "verifying record as"),
    ],
)
def test_a_defect_is_named(record: bytes, message: str) -> None:
    with pytest.raises(PayloadFormatError, match=message):
        decode(record)


def test_unknown_fields_of_every_type_are_skipped() -> None:
    unknown = (
        b"\x02\x00\x01\x01"
        b"\x08\x00\x02\x00\x00\x00\x01"
        b"\x0c\x00\x03\x0b\x00\x01\x00\x00\x00\x01a\x00"
        b"\x0d\x00\x04\x0b\x08\x00\x00\x00\x01\x00\x00\x00\x01k\x00\x00\x00\x07"
        b"\x0f\x00\x05\x08\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x02"
    )
    assert decode(unknown + encode(MINIMAL)) == MINIMAL
