"""Routes: which answer and which payload each path gives."""
