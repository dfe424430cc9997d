"""What the enricher does while something around it fails, with counts in and out."""
