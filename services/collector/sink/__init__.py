"""The way to Kinesis: buffer, PutRecords, and the spill on disk when Kinesis refuses."""
