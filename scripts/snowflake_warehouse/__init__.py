"""The warehouse's migrations, their two targets (Snowflake, and DuckDB for one machine), and what is checked in it.

May import `wire`.
"""
