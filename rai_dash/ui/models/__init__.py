"""Compare models: what the page draws."""
