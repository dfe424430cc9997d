"""Helpers that several rooms share: HTTP, AWS clients, values by keys, batches. Imports no other room."""
