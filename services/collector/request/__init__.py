"""What a request says: its target, address, identity, origin and content type. May import nothing but libraries."""
