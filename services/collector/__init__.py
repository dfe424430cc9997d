"""Collector: takes the trackers' requests over HTTP and puts each as one Thrift record on a Kinesis stream.

Data flows one way: protocol (bytes) -> routes (answer and payload) -> size (records) -> sink (PutRecords or spill).
A supervisor runs one worker for each core; each worker has all of these.
"""

from wire.failed_events import Processor

VERSION = "0.1.0"
# The published schema of failed events allows 32 characters.
NAME = f"snowveil-collector-{VERSION}-kinesis"
PROCESSOR = Processor("snowveil-collector", VERSION)
