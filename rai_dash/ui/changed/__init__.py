"""What changed between two things of one kind: how each kind is chosen, and how what differs is drawn."""
