"""The privacy transform: what the policy's actions do to columns, entities, URLs, requests and messages."""
