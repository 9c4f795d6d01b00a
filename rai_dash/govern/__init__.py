"""Who said what about a band, when, and that nobody changed it since: sign-off, ledger, store."""
