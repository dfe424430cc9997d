"""LocalStack's Firehose API, with the delivery done by workers of our own."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped] # LocalStack's environment has no stubs
from localstack.aws.api.firehose import (
    ConcurrentModificationException,
    DeliveryStreamType,
    InvalidArgumentException,
    ListDeliveryStreamsOutput,
    PutRecordBatchResponseEntry,
    ResourceNotFoundException,
)
from localstack.aws.connect import connect_to
from localstack.services.firehose.provider import FirehoseProvider

from snowveil_localstack.firehose.destination import Destination, UnsupportedDestinationError, read_destination
from snowveil_localstack.firehose.parameters import check_parameters
from snowveil_localstack.firehose.prefix import PrefixError, validate
from snowveil_localstack.firehose.source import KinesisSource
from snowveil_localstack.firehose.worker import DeliveryWorker

if TYPE_CHECKING:
    from localstack.aws.api import RequestContext
    from localstack.aws.api.firehose import (
        CreateDeliveryStreamOutput,
        DeleteDeliveryStreamOutput,
        UpdateDestinationOutput,
    )

_DESCRIPTION = "ExtendedS3DestinationDescription"
_STREAMS_IN_A_LIST = 10  # AWS's default


def _max_buffer_seconds() -> float | None:
    text = os.environ.get("SNOWVEIL_FIREHOSE_MAX_BUFFER_SECONDS")
    return float(text) if text else None


class BufferingFirehoseProvider(FirehoseProvider):
    """Delivery streams to S3, from Kinesis or from PutRecord. Other destinations are refused."""

    def __init__(self) -> None:
        super().__init__()
        self._max_seconds = _max_buffer_seconds()
        self._workers: dict[str, DeliveryWorker] = {}  # by ARN of the delivery stream

    def create_delivery_stream(  # type: ignore[override] # LocalStack calls it with keywords
        self,
        context: RequestContext,
        delivery_stream_name: str,
        delivery_stream_type: str | None = None,
        **configuration: Any,
    ) -> CreateDeliveryStreamOutput:
        """Create the stream and its worker, which reads from LATEST of this moment on."""
        wanted = configuration.get("extended_s3_destination_configuration")
        if not wanted:
            raise InvalidArgumentException("only ExtendedS3DestinationConfiguration is supported here")
        destination = self._read(context, wanted)
        # Before the stream is seen as ACTIVE: what is put after that must not be missed.
        source_arn = (configuration.get("kinesis_stream_source_configuration") or {}).get("KinesisStreamARN")
        source = _open_source(context.account_id, source_arn) if source_arn else None
        # As DirectPut the parent starts no reader of its own; the source is described either way.
        output = super().create_delivery_stream(
            context, delivery_stream_name, delivery_stream_type=DeliveryStreamType.DirectPut, **configuration
        )
        stream = self._stream(context, delivery_stream_name)
        stream["DeliveryStreamType"] = delivery_stream_type or "DirectPut"
        arn = stream["DeliveryStreamARN"]
        self._workers[arn] = DeliveryWorker(arn, context.account_id, destination, stream["VersionId"], source)
        return output

    def delete_delivery_stream(
        self, context: RequestContext, delivery_stream_name: str, *arguments: Any, **keywords: Any
    ) -> DeleteDeliveryStreamOutput:
        """Delete the stream after one attempt to deliver what it holds."""
        worker = self._workers.pop(self._stream(context, delivery_stream_name)["DeliveryStreamARN"])
        worker.stop()
        return super().delete_delivery_stream(context, delivery_stream_name, *arguments, **keywords)

    def update_destination(  # type: ignore[override] # LocalStack calls it with keywords
        self,
        context: RequestContext,
        delivery_stream_name: str,
        current_delivery_stream_version_id: str,
        destination_id: str,
        **updates: Any,
    ) -> UpdateDestinationOutput:
        """Change what the update names and leave the rest, which the parent would forget."""
        stream = self._stream(context, delivery_stream_name)
        if current_delivery_stream_version_id != stream["VersionId"]:
            raise ConcurrentModificationException(f"the version of {delivery_stream_name} is {stream['VersionId']}")
        described = stream["Destinations"][0]
        merged = {**described[_DESCRIPTION], **(updates.get("extended_s3_destination_update") or {})}
        destination = self._read(context, merged)
        output = super().update_destination(
            context, delivery_stream_name, current_delivery_stream_version_id, destination_id, **updates
        )
        described[_DESCRIPTION] = merged
        stream["VersionId"] = str(int(stream["VersionId"]) + 1)
        self._workers[stream["DeliveryStreamARN"]].update(destination, stream["VersionId"])
        return output

    def list_delivery_streams(
        self,
        context: RequestContext,
        limit: int | None = None,
        delivery_stream_type: str | None = None,
        exclusive_start_delivery_stream_name: str | None = None,
        **_parameters: Any,
    ) -> ListDeliveryStreamsOutput:
        """List the names in order, 10 at a time; LocalStack ignores type, limit and start."""
        names = sorted(
            name
            for name, stream in self.get_store(context.account_id, context.region).delivery_streams.items()
            if delivery_stream_type in (None, stream["DeliveryStreamType"])
            and name > (exclusive_start_delivery_stream_name or "")
        )
        shown = names[: limit or _STREAMS_IN_A_LIST]
        return ListDeliveryStreamsOutput(DeliveryStreamNames=shown, HasMoreDeliveryStreams=len(shown) < len(names))

    def _put_records(
        self, account_id: str, region_name: str, delivery_stream_name: str, unprocessed_records: list[Any]
    ) -> list[PutRecordBatchResponseEntry]:
        stream = self.get_store(account_id, region_name).delivery_streams.get(delivery_stream_name)
        if stream is None:
            raise ResourceNotFoundException(f"Firehose {delivery_stream_name} under account {account_id} not found.")
        if stream["DeliveryStreamType"] != "DirectPut":
            raise InvalidArgumentException(f"This operation is not permitted on {stream['DeliveryStreamType']}")
        worker = self._workers[stream["DeliveryStreamARN"]]
        record_ids = worker.put(base64.b64decode(record["Data"]) for record in unprocessed_records)
        return [PutRecordBatchResponseEntry(RecordId=record_id) for record_id in record_ids]

    def _read(self, context: RequestContext, description: Any) -> Destination:
        try:
            check_parameters(context.service_request)
            destination = read_destination(description, self._max_seconds)
            validate(destination.prefix, destination.error_output_prefix)
        except (UnsupportedDestinationError, PrefixError) as error:
            raise InvalidArgumentException(str(error)) from error
        return destination

    def _stream(self, context: RequestContext, name: str) -> Any:
        stream = self.get_store(context.account_id, context.region).delivery_streams.get(name)
        if stream is None:
            raise ResourceNotFoundException(f"Firehose {name} under account {context.account_id} not found.")
        return stream


def _open_source(account_id: str, stream_arn: str) -> KinesisSource:
    client = connect_to(aws_access_key_id=account_id, region_name=stream_arn.split(":")[3]).kinesis
    try:
        return KinesisSource(client, stream_arn)
    except ClientError as error:
        raise InvalidArgumentException(f"{stream_arn} can't be read: {error}") from error
