"""Formats of text: URLs, query strings, JSON, timestamps, IP addresses, regular expressions of Java.

May import `support`.
"""
