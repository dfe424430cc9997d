"""Processing takes a group of records through every stage: payloads, events, enrichments, lines and failed events.

May import `config` and the rooms below it; `kinesis` stands beside it.
"""
