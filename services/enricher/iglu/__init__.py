"""Iglu: registries, the resolver that asks them, and validation against the schemas found."""
