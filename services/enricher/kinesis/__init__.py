"""Kinesis: the records of a shard in, events out, with leases and checkpoints.

May import `config` and what stands below it; `processing` stands beside it.
"""
