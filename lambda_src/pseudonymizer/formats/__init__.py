"""The formats of the three streams: enriched events and failed events, read and written back."""
