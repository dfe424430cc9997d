"""Iglu: the registries, the resolver that asks them, and validation against the schemas found.

May import `fields`, `text` and `support`.
"""
