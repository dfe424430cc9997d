"""Logs and metrics. May import everything that is counted: `http`, `sink`, `config`."""
