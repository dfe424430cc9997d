"""What a rehearsal sends: events of real trackers, recorded requests, broken requests, and corrupt records."""
