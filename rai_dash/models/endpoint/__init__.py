"""Models that answer behind an HTTPS address which the operator listed (docs/endpoints.md)."""
