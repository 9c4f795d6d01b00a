"""The parts of the Sign-off page."""
