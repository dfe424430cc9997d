"""Configuration: the file, its settings and their types, and the form that Snowplow's own collector reads."""
