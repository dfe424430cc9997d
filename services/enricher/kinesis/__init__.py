"""Kinesis: the records of a shard in, events out, with leases and checkpoints."""
