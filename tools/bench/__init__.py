"""Measurements, each a program of its own: figures on this machine, compared with a floor of the same run."""
