"""Contexts and unstruct events: read from their parameter, validated, written to their column.

May import `iglu`, `fields`, `text` and `support`; `adapters` and `enrichments` stand beside it.
"""
