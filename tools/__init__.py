"""Developers' commands: bench, fuzz, faults, conformance, mutation, lint and generated documents."""
