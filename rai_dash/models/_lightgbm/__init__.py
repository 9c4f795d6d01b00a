"""The review of LightGBM's text form, its categories and its settings."""
