"""What a rehearsal sends: real trackers, requests as trackers make them, broken ones, and records no tracker made."""
