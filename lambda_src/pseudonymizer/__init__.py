"""The Firehose transform: every attribute that the policy does not allow becomes a keyed pseudonym."""
