"""The privacy policy: its file, its rules and the names that it allows."""
