"""The review queue: what the active policy sends to a person, and what people decide about it."""
