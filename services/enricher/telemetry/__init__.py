"""Telemetry: what is counted, the monitoring port, and the line in the log once a minute.

May import `processing`, `kinesis`, `config` and what stands below them.
"""
