"""Adapters: a collector payload in, the events of its request out, by the payload's path."""
