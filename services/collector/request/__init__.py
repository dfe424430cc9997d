"""What a request says: its target, address, identity, origin and content type."""
