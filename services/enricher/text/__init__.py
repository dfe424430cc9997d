"""Formats of text: URLs, query strings, JSON, timestamps, IP addresses."""
