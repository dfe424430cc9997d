"""One group of records through every stage: payload, events, enrichments, lines and failed events."""
