"""RAI Dash."""
