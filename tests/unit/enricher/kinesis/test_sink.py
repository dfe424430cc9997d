import uuid

import boto3
import pytest

from services.enricher.kinesis.sink import KinesisSink
from services.enricher.support import aws
from services.enricher.support.aws import AwsError
from tests.fixtures.enricher import get, good
from tests.fixtures.kinesis_stand_in import KinesisStandIn

RECORDS = [b"%06d" % number for number in range(1_201)]


def sink(kinesis: KinesisStandIn, waits: list[float] | None = None, partition_key: str | None = None) -> KinesisSink:
    client = boto3.client(
        "kinesis",
        region_name="eu-west-1",
        endpoint_url=kinesis.endpoint,
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=aws.CLIENT_CONFIG,
    )
    wait = (waits if waits is not None else []).append
    return KinesisSink("good", client, wait, partition_key)


def test_records_go_in_calls_of_500_under_random_keys() -> None:
    with KinesisStandIn() as kinesis:
        sink(kinesis).write(RECORDS)
    assert kinesis.of("good") == RECORDS
    assert kinesis.batches == [500, 500, 201]
    assert len({record.key for record in kinesis.records}) == len(RECORDS)


@pytest.mark.contract("E.2/partition key")
def test_a_columns_value_is_the_partition_key_and_without_one_it_is_random() -> None:
    values = ["alice", "", "", "é" * 300]
    (event,) = good(get(tid="7"))
    lines = ["\t".join({**event, "user_id": value}.values()).encode() for value in values]
    with KinesisStandIn() as kinesis:
        sink(kinesis, partition_key="user_id").write(lines)
    assert kinesis.of("good") == lines
    alice, first, second, longest = (record.key for record in kinesis.records)
    assert (alice, longest) == ("alice", "é" * 256)
    assert uuid.UUID(first) != uuid.UUID(second)


@pytest.mark.contract("E.2/partition key")
def test_the_size_of_a_call_counts_each_key() -> None:
    line = ("é" * 256).encode()
    records = [line + b"\t" * 130 + bytes(1024 * 1024 - 130 - 512 - 512)] * 5
    with KinesisStandIn() as kinesis:
        sink(kinesis, partition_key="app_id").write(records)
        sink(kinesis, partition_key="app_id").write([*records[:4], records[4] + b"x"])
    assert kinesis.batches == [5, 4, 1]


def test_a_call_stays_within_five_mebibytes_keys_included() -> None:
    with KinesisStandIn() as kinesis:
        sink(kinesis).write([bytes(1024 * 1024 - 36)] * 6)
    assert kinesis.batches == [5, 1]


def test_only_refused_records_are_sent_again() -> None:
    waits: list[float] = []
    with KinesisStandIn() as kinesis:
        kinesis.refuse = lambda number: number < 500 and number % 2 == 0
        sink(kinesis, waits).write(RECORDS[:500])
    assert sorted(kinesis.of("good")) == RECORDS[:500]
    assert kinesis.batches == [500, 250]
    assert len(waits) == 1


def test_records_are_refused_for_a_long_time_and_none_is_lost() -> None:
    waits: list[float] = []
    with KinesisStandIn() as kinesis:
        kinesis.refuse = lambda number: number < 200
        sink(kinesis, waits).write([b"a", b"b"])
    assert sorted(kinesis.of("good")) == [b"a", b"b"]
    assert len(waits) == 100
    assert all(0.1 <= seconds <= 1.0 for seconds in waits)
    assert len(set(waits[10:])) == 90, "waits are jittered"


def test_a_call_refused_as_a_whole_is_tried_again() -> None:
    with KinesisStandIn() as kinesis:
        kinesis.refuse_calls = True
        target = sink(kinesis)
        target._wait = lambda _: setattr(kinesis, "refuse_calls", False)
        target.write([b"a", b"b"])
    assert kinesis.of("good") == [b"a", b"b"]


def test_a_server_error_of_any_name_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with KinesisStandIn() as kinesis:
        target = sink(kinesis)
        target._wait = lambda _: monkeypatch.undo()
        monkeypatch.setattr(kinesis, "put_records", lambda _: (503, {"__type": "Whatever"}))
        target.write([b"a"])
    assert kinesis.of("good") == [b"a"]


def test_a_stream_out_of_reach_is_tried_again() -> None:
    kinesis = KinesisStandIn()
    target = sink(kinesis)
    target._wait = lambda _: kinesis.up()
    target.write([b"a", b"b"])
    kinesis.down()
    assert kinesis.of("good") == [b"a", b"b"]


def test_an_error_that_does_not_pass_names_the_stream_and_never_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    with KinesisStandIn() as kinesis:
        answer = (400, {"__type": "ValidationException", "message": "1 value: alice"})
        monkeypatch.setattr(kinesis, "put_records", lambda _: answer)
        with pytest.raises(AwsError) as raised:
            sink(kinesis).write([b"alice"])
    assert str(raised.value) == "PutRecords to good: ValidationException"
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
