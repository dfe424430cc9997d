"""Adapters turn a collector payload into the events of its request, by the payload's path.

May import `iglu`, `fields`, `text` and `support`; `entities` and `enrichments` stand beside it.
"""
