"""Which answer and which record each path gives. May import `record`, `request` and `config`."""
