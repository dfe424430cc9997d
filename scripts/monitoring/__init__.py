"""What is watched: the catalogue of metrics, and what is derived from it and checked against it."""
