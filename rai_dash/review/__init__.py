"""The human-review band: which applications a person decides, and how good the rest is."""
