"""What the configuration asks for: file, settings with their bounds, and what Snowplow's files mean here.

May import `errors` and `wire`.
"""
