"""Contexts and unstruct events: read from their parameter, validated, written to their column."""
