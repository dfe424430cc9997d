"""A Firehose batch in, its response out: the quarantine for what cannot be read, and the batch's metrics."""
