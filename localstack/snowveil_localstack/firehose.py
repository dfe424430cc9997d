"""firehose:faithful - FirehoseProvider whose Kinesis source polls get_records itself (no KCL, java or DynamoDB leases) and
whose extended_s3 destination honours buffering, Lambda result codes, retries, prefixes and compression."""
import base64
import datetime as dt
import gzip
import json
import logging
import random
import re
import string
import threading
import time
import uuid

from localstack.aws.connect import connect_to
from localstack.services.firehose.provider import FirehoseProvider
from localstack.services.plugins import Service, aws_provider
from localstack.utils.aws.client_types import ServicePrincipal

LOG = logging.getLogger(__name__)
POLL_S = 1.0
MiB = 1024 * 1024
JAVA = {"yyyy": "%Y", "YYYY": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}


def expand(prefix: str, when: dt.datetime, error_type: str | None = None) -> str:
    def sub(m):
        ns, arg = m.group(1), m.group(2)
        if ns == "timestamp":
            return re.sub(
                "'([^']*)'|yyyy|YYYY|MM|dd|HH|mm|ss",
                lambda k: k.group(1) if k.group(1) is not None else when.strftime(JAVA[k.group(0)]),
                arg,
            )
        if ns == "firehose" and arg == "random-string":
            return "".join(random.choices(string.ascii_letters + string.digits, k=11))
        if ns == "firehose" and arg == "error-output-type":
            return error_type or ""
        return m.group(0)

    has_ts = "!{timestamp:" in prefix
    out = re.sub(r"!\{(\w+):([^}]*)\}", sub, prefix)
    if not has_ts and "!{" not in prefix:
        if error_type:
            out += f"{error_type}/"
        out += when.strftime("%Y/%m/%d/%H/")
    return out


class Buffer:
    """Size-or-age buffer; `flush` gets the list of items and the time of the first."""

    def __init__(self, size: int, interval: float, flush):
        self.max, self.interval, self.flush_fn = size, interval, flush
        self.items, self.bytes, self.first = [], 0, None

    def add(self, item, nbytes: int):
        if self.items and self.bytes + nbytes > self.max:
            self.flush()
        if self.first is None:
            self.first = time.time()
        self.items.append(item)
        self.bytes += nbytes
        if self.bytes >= self.max:
            self.flush()

    def tick(self):
        if self.first is not None and time.time() - self.first >= self.interval:
            self.flush()

    def flush(self):
        items, first = self.items, self.first
        self.items, self.bytes, self.first = [], 0, None
        if items:
            self.flush_fn(items, first)


class Worker:
    """One per delivery stream: source poller(s) -> Lambda buffer -> S3 buffers. One thread does everything."""

    def __init__(self, provider, account_id, region, name, source_arn):
        self.provider, self.account, self.region, self.name = provider, account_id, region, name
        self.source_arn = source_arn
        self.stop_event = threading.Event()
        self.inbox: list[dict] = []
        self.inbox_lock = threading.Lock()
        self.iterators: dict[str, str] = {}
        self.configure()
        if source_arn:
            self.kinesis = connect_to(
                aws_access_key_id=account_id, region_name=region
            ).kinesis.request_metadata(service_principal=ServicePrincipal.firehose)
            for shard in self._shards():
                self._iterator(shard, "LATEST")
        self.thread = threading.Thread(target=self._run, name=f"firehose-{name}", daemon=True)
        self.thread.start()

    def configure(self):
        desc = self.provider.get_store(self.account, self.region).delivery_streams[self.name]
        self.desc = desc
        dest = desc["Destinations"][0]
        self.s3cfg = dest.get("ExtendedS3DestinationDescription") or dest["S3DestinationDescription"]
        hints = self.s3cfg.get("BufferingHints") or {}
        size, interval = hints.get("SizeInMBs", 5) * MiB, hints.get("IntervalInSeconds", 300)
        self.out = Buffer(size, interval, lambda i, t: self._put_s3(i, t, None))
        self.err = {}
        self.err_args = (size, interval)
        self.lambda_arn = None
        self.retries = 3
        lsize, linterval = 1.0, 60.0
        proc = self.s3cfg.get("ProcessingConfiguration") or {}
        if proc.get("Enabled"):
            for p in proc.get("Processors", []):
                if p["Type"] != "Lambda":
                    continue
                par = {x["ParameterName"]: x["ParameterValue"] for x in p.get("Parameters", [])}
                self.lambda_arn = par["LambdaArn"].removesuffix(":$LATEST")
                self.retries = int(par.get("NumberOfRetries", 3))
                lsize = float(par.get("BufferSizeInMBs", 1))
                linterval = float(par.get("BufferIntervalInSeconds", 60))
        self.pre = Buffer(int(lsize * MiB), linterval, self._transform)

    # -- source -------------------------------------------------------------------------------------------------
    def _shards(self):
        return [s["ShardId"] for s in self.kinesis.list_shards(StreamARN=self.source_arn)["Shards"]]

    def _iterator(self, shard, kind, seq=None):
        args = {"StartingSequenceNumber": seq} if seq else {}
        self.iterators[shard] = self.kinesis.get_shard_iterator(
            StreamARN=self.source_arn, ShardId=shard, ShardIteratorType=kind, **args
        )["ShardIterator"]

    def put(self, records):  # DirectPut
        with self.inbox_lock:
            self.inbox.extend(records)

    def _poll(self):
        for shard, it in list(self.iterators.items()):
            try:
                r = self.kinesis.get_records(ShardIterator=it, Limit=10000)
            except Exception as e:  # throttled / expired: retry next second
                LOG.warning("firehose %s get_records %s: %s", self.name, shard, e)
                continue
            for rec in r["Records"]:
                self._accept(
                    rec["Data"],
                    int(rec["ApproximateArrivalTimestamp"].timestamp() * 1000),
                    {
                        "shardId": shard,
                        "partitionKey": rec["PartitionKey"],
                        "sequenceNumber": rec["SequenceNumber"],
                        "subsequenceNumber": 0,
                        "approximateArrivalTimestamp": int(rec["ApproximateArrivalTimestamp"].timestamp() * 1000),
                    },
                )
            if r.get("NextShardIterator"):
                self.iterators[shard] = r["NextShardIterator"]
            else:  # closed by a reshard: children start at TRIM_HORIZON
                self.iterators.pop(shard)
                for child in self._shards():
                    if child not in self.iterators and child != shard:
                        self._iterator(child, "TRIM_HORIZON")

    def _accept(self, data: bytes, arrival_ms: int, meta=None):
        rec = {"recordId": str(uuid.uuid4()), "approximateArrivalTimestamp": arrival_ms, "raw": data, "meta": meta}
        if self.lambda_arn:
            self.pre.add(rec, len(data))
        else:
            self.out.add(data, len(data))

    def _run(self):
        while not self.stop_event.wait(POLL_S):
            try:
                if self.source_arn:
                    self._poll()
                with self.inbox_lock:
                    inbox, self.inbox = self.inbox, []
                for d in inbox:
                    self._accept(d, int(time.time() * 1000))
                self.pre.tick()
                self.out.tick()
                for b in list(self.err.values()):
                    b.tick()
            except Exception:
                LOG.exception("firehose %s", self.name)

    # -- transform ----------------------------------------------------------------------------------------------
    def _transform(self, recs, _first):
        event = {
            "invocationId": str(uuid.uuid4()),
            "deliveryStreamArn": self.desc["DeliveryStreamARN"],
            "region": self.region,
            "records": [],
        }
        if self.source_arn:
            event["sourceKinesisStreamArn"] = self.source_arn
        for r in recs:
            e = {
                "recordId": r["recordId"],
                "approximateArrivalTimestamp": r["approximateArrivalTimestamp"],
                "data": base64.b64encode(r["raw"]).decode(),
            }
            if r["meta"]:
                e["kinesisRecordMetadata"] = r["meta"]
            event["records"].append(e)
        body = json.dumps(event).encode()
        client = connect_to(aws_access_key_id=self.account, region_name=self.region).lambda_
        code = msg = result = None
        for attempt in range(1 + self.retries):
            try:
                resp = client.invoke(FunctionName=self.lambda_arn, Payload=body)
                payload = resp["Payload"].read()
                if resp.get("FunctionError"):
                    code, msg = "Lambda.FunctionError", payload.decode()[:1000]
                    continue
                result = {r["recordId"]: r for r in json.loads(payload)["records"]}
                code = None
                break
            except (ValueError, KeyError, TypeError):
                code, msg = "Lambda.JsonProcessingException", "bad Lambda response"
                break
            except Exception as e:
                code, msg = "Lambda.InvokeFailed", str(e)
        for r in recs:
            if code:
                self._fail(r, code, msg, attempt + 1)
                continue
            o = result.get(r["recordId"])
            status = (o or {}).get("result")
            if status == "Ok":
                data = base64.b64decode(o.get("data") or "")
                self.out.add(data, len(data))
            elif status == "Dropped":
                pass
            elif o is None:
                self._fail(r, "Lambda.MissingRecordId", "One or more record Ids were not returned.", attempt + 1)
            else:
                self._fail(r, "Lambda.ProcessingFailedStatus", "ProcessingFailed status set for record", attempt + 1)

    def _fail(self, r, code, msg, attempts):
        line = json.dumps(
            {
                "attemptsMade": attempts,
                "arrivalTimestamp": r["approximateArrivalTimestamp"],
                "errorCode": code,
                "errorMessage": msg,
                "attemptEndingTimestamp": int(time.time() * 1000),
                "rawData": base64.b64encode(r["raw"]).decode(),
                "lambdaArn": self.lambda_arn + ":$LATEST",
            }
        ).encode() + b"\n"
        kind = "processing-failed"
        buf = self.err.get(kind)
        if buf is None:
            buf = self.err[kind] = Buffer(*self.err_args, lambda i, t: self._put_s3(i, t, kind))
        buf.add(line, len(line))

    # -- destination --------------------------------------------------------------------------------------------
    def _put_s3(self, items, first, error_type):
        cfg = self.s3cfg
        when = dt.datetime.fromtimestamp(first, dt.UTC)
        prefix = cfg.get("ErrorOutputPrefix") if error_type else cfg.get("Prefix")
        key = expand(prefix or "", when, error_type)
        key += f"{self.name}-{self.desc['VersionId']}-{when:%Y-%m-%d-%H-%M-%S}-{uuid.uuid4()}"
        body = b"".join(items)
        kw = {}
        if cfg.get("CompressionFormat") == "GZIP":
            body = gzip.compress(body, 6)
            key += cfg.get("FileExtension") or ".gz"
            kw["ContentEncoding"] = "gzip"
        elif cfg.get("FileExtension"):
            key += cfg["FileExtension"]
        s3 = connect_to.with_assumed_role(
            role_arn=cfg["RoleARN"], service_principal=ServicePrincipal.firehose, region_name=self.region
        ).s3
        for i in range(5):
            try:
                s3.put_object(Bucket=cfg["BucketARN"].split(":::")[1], Key=key, Body=body,
                              ContentType="application/octet-stream", **kw)
                return
            except Exception as e:
                LOG.warning("firehose %s s3 put: %s", self.name, e)
                time.sleep(2**i * 0.2)

    def stop(self):
        self.stop_event.set()
        for b in (self.pre, self.out, *self.err.values()):
            b.flush()


class FaithfulFirehoseProvider(FirehoseProvider):
    """Hook points: create_delivery_stream (start of the source), _put_records (DirectPut), update_destination."""

    def create_delivery_stream(self, context, delivery_stream_name, delivery_stream_type=None, **kwargs):
        ext = kwargs.get("extended_s3_destination_configuration") or kwargs.get("s3_destination_configuration")
        if not ext:
            return super().create_delivery_stream(
                context, delivery_stream_name, delivery_stream_type=delivery_stream_type, **kwargs
            )
        # "DirectPut" keeps the parent from starting its KCL listener; Source is described either way
        out = super().create_delivery_stream(context, delivery_stream_name, delivery_stream_type="DirectPut", **kwargs)
        store = self.get_store(context.account_id, context.region)
        stream = store.delivery_streams[delivery_stream_name]
        stream["DeliveryStreamType"] = delivery_stream_type or "DirectPut"
        src = (kwargs.get("kinesis_stream_source_configuration") or {}).get("KinesisStreamARN")
        self.kinesis_listeners[stream["DeliveryStreamARN"]] = Worker(
            self, context.account_id, context.region, delivery_stream_name, src
        )
        return out

    def _put_records(self, account_id, region_name, delivery_stream_name, unprocessed_records):
        store = self.get_store(account_id, region_name)
        stream = store.delivery_streams.get(delivery_stream_name)
        w = stream and self.kinesis_listeners.get(stream["DeliveryStreamARN"])
        if not isinstance(w, Worker):
            return super()._put_records(account_id, region_name, delivery_stream_name, unprocessed_records)
        w.put([base64.b64decode(r["Data"]) for r in unprocessed_records])
        return [{"RecordId": str(uuid.uuid4())} for _ in unprocessed_records]

    def update_destination(self, context, delivery_stream_name, *args, **kwargs):
        upd = kwargs.get("extended_s3_destination_update")
        stream = self.get_store(context.account_id, context.region).delivery_streams.get(delivery_stream_name)
        old = dict(stream["Destinations"][0].get("ExtendedS3DestinationDescription") or {}) if stream else {}
        out = super().update_destination(context, delivery_stream_name, *args, **kwargs)
        if upd:
            stream["Destinations"][0]["ExtendedS3DestinationDescription"] = {**old, **upd}
        stream["VersionId"] = str(int(stream["VersionId"]) + 1)
        w = self.kinesis_listeners.get(stream["DeliveryStreamARN"])
        if isinstance(w, Worker):
            for b in (w.pre, w.out, *w.err.values()):
                b.flush()
            w.configure()
        return out


@aws_provider(api="firehose", name="aws")
def firehose_faithful():
    return Service.for_provider(FaithfulFirehoseProvider())
