"""The event's columns: parameters to cells, limits, and the line of 131 columns.

May import `text` and `support`.
"""
