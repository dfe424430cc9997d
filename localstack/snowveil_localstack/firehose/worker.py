"""One delivery stream at work: source, transformation, S3, in a thread of its own so that none waits for another."""

from __future__ import annotations

import logging
import threading
import time
import traceback
import uuid
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config  # type: ignore[import-untyped] # LocalStack's environment has no stubs
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped] # as above
from localstack.aws.connect import connect_to
from localstack.utils.aws.client_types import ServicePrincipal

from snowveil_localstack.firehose.buffer import Buffer, BufferHints
from snowveil_localstack.firehose.failed_record import ERROR_OUTPUT_TYPE, failed_line
from snowveil_localstack.firehose.invocation import invocation_event
from snowveil_localstack.firehose.records import OutputRecord, SourceRecord
from snowveil_localstack.firehose.response import Delivered, Failed
from snowveil_localstack.firehose.s3_object import put_request
from snowveil_localstack.firehose.transformation import Transformed, transform

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snowveil_localstack.firehose.destination import Destination, LambdaProcessor
    from snowveil_localstack.firehose.source import KinesisSource

LOG = logging.getLogger(__name__)

# As on AWS: each shard is read once a second, a function may take 5 minutes.
_POLL_SECONDS = 1.0
_LAMBDA_CONFIG = Config(read_timeout=310, retries={"total_max_attempts": 1})
_UNPROCESSED = BufferHints(1024 * 1024, 0.0)
_MAX_BACKOFF_SECONDS = 5.0
_STOP_SECONDS = 5.0
_FIREHOSE = cast("ServicePrincipal", ServicePrincipal.firehose)


class DeliveryWorker:
    """Moves records from the source (or from `put`) to S3. Starts at once.

    While S3 refuses, nothing more is read from the source, so that memory stays bounded by the buffers and one read.
    """

    def __init__(
        self, arn: str, account_id: str, destination: Destination, version: str, source: KinesisSource | None
    ) -> None:
        self._arn = arn
        self._name = arn.rsplit("/", 1)[1]
        self._region = arn.split(":")[3]
        self._account_id = account_id
        self._source = source
        self._configuration = (destination, version)
        self._incoming: list[SourceRecord] = []
        self._incoming_lock = threading.Lock()
        self._processing: Buffer[SourceRecord] = Buffer()
        self._output: Buffer[OutputRecord] = Buffer()
        self._failed: Buffer[OutputRecord] = Buffer()
        self._next_read = time.monotonic()
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"firehose-{self._name}", daemon=True)
        self._thread.start()

    def put(self, data: Iterable[bytes]) -> list[str]:
        """Take records of PutRecord and PutRecordBatch; returns their ids."""
        arrival_ms = int(time.time() * 1000)
        records = [SourceRecord(str(uuid.uuid4()), item, arrival_ms) for item in data]
        with self._incoming_lock:
            self._incoming += records
        self._wake.set()
        return [record.record_id for record in records]

    def update(self, destination: Destination, version: str) -> None:
        """Deliver to this destination from the next batch on."""
        self._configuration = (destination, version)
        self._wake.set()

    def stop(self) -> None:
        """Stop reading and try once to deliver what is buffered."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                self._step(flush=False)
            except Exception as error:  # noqa: BLE001 - the thread must outlive every fault: nothing has been discarded
                pause = min(0.5 * 2 ** min(failures, 10), _MAX_BACKOFF_SECONDS)
                failures += 1
                LOG.warning("Firehose %s tries again in %.1f s: %s", self._name, pause, _describe(error))
                self._stopping.wait(pause)
            else:
                failures = 0
                self._wake.wait(self._seconds_until_next_step())
                self._wake.clear()
        try:
            self._step(flush=True)
        except Exception as error:  # noqa: BLE001 - as above
            LOG.warning("Firehose %s was deleted before it could deliver everything: %s", self._name, _describe(error))

    def _step(self, *, flush: bool) -> None:
        """Everything that is due now, or everything there is; first S3, so that a refusal there stops the reading."""
        destination, version = self._configuration
        self._deliver(destination, version, flush=flush)
        self._receive(read_source=not flush)
        self._process(destination, flush=flush)
        self._deliver(destination, version, flush=flush)

    def _receive(self, *, read_source: bool) -> None:
        now = time.monotonic()
        with self._incoming_lock:
            for record in self._incoming:
                self._processing.add(record, len(record.data), now)
            self._incoming.clear()
        if self._source is None or not read_source or now < self._next_read:
            return
        self._next_read = now + _POLL_SECONDS
        for shard_id in self._source.shards():
            page = self._source.read(shard_id)
            for record in page.records:
                self._processing.add(record, len(record.data), now)
            self._source.advance(page)

    def _process(self, destination: Destination, *, flush: bool) -> None:
        processor, hints = destination.processor, _processing_hints(destination)
        if flush:
            hints = replace(hints, interval=0.0)
        while batch := self._processing.due(hints, time.monotonic()):
            if processor is None:
                transformed = Transformed([Delivered(record.data) for record in batch], 0)
            else:
                transformed = self._transform(processor, batch)
            self._take_over(batch, transformed, processor.arn if processor is not None else "")

    def _transform(self, processor: LambdaProcessor, batch: list[SourceRecord]) -> Transformed:
        client = connect_to(
            aws_access_key_id=self._account_id, region_name=processor.arn.split(":")[3], config=_LAMBDA_CONFIG
        ).lambda_
        source_arn = self._source.stream_arn if self._source is not None else None
        event = partial(invocation_event, self._arn, source_arn, self._region, batch)
        return transform(client, processor, batch, event, self._stopping.wait)

    def _take_over(self, batch: list[SourceRecord], transformed: Transformed, lambda_arn: str) -> None:
        ended_ms = int(time.time() * 1000)
        delivered, failed = [], []
        for record, verdict in zip(batch, transformed.verdicts, strict=True):
            if isinstance(verdict, Delivered):
                delivered.append(OutputRecord(verdict.data, record.arrival_ms))
            elif isinstance(verdict, Failed):
                line = failed_line(record, verdict, transformed.attempts, ended_ms, lambda_arn)
                failed.append(OutputRecord(line, record.arrival_ms))
        now = time.monotonic()
        for output, buffer in ((delivered, self._output), (failed, self._failed)):
            for item in output:
                buffer.add(item, len(item.data), now)
        self._processing.discard(len(batch))

    def _deliver(self, destination: Destination, version: str, *, flush: bool) -> None:
        hints = replace(destination.hints, interval=0.0) if flush else destination.hints
        for buffer, error_output_type in ((self._output, None), (self._failed, ERROR_OUTPUT_TYPE)):
            while batch := buffer.due(hints, time.monotonic()):
                request = put_request(destination, self._name, version, batch, error_output_type)
                self._s3(destination).put_object(**request)
                buffer.discard(len(batch))

    def _s3(self, destination: Destination) -> Any:
        return connect_to.with_assumed_role(
            role_arn=destination.role_arn, service_principal=_FIREHOSE, region_name=self._region
        ).s3

    def _seconds_until_next_step(self) -> float | None:
        destination, _ = self._configuration
        now = time.monotonic()
        times = [buffer.seconds_until_due(destination.hints, now) for buffer in (self._output, self._failed)]
        times.append(self._processing.seconds_until_due(_processing_hints(destination), now))
        if self._source is not None:
            times.append(max(0.0, self._next_read - now))
        return min((seconds for seconds in times if seconds is not None), default=None)


def _processing_hints(destination: Destination) -> BufferHints:
    return destination.processor.hints if destination.processor is not None else _UNPROCESSED


def _describe(error: Exception) -> str:
    """Say of an error what may be logged: the text of an unexpected one could quote a record."""
    if isinstance(error, ClientError | BotoCoreError):
        return str(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {frame.filename}:{frame.lineno}"
