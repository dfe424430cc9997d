"""Snowplow's formats as facts: no I/O, no configuration, nothing of Snowveil's own above it."""
