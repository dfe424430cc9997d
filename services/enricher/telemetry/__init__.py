"""Metrics and the monitoring endpoint."""
