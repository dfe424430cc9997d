"""Snowplow's enrichments: each switched and configured by its own JSON file, run in Snowplow's order.

docs/enrichments.md lists them, and what is left out and why. May import `iglu`, `fields`, `text` and `support`;
`adapters` and `entities` stand beside it.
"""
