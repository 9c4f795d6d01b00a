"""Types, errors, settings, fingerprints and the registry that every room builds on."""
