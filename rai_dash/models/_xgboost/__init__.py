"""The review of XGBoost's JSON and UBJSON, its categories and its settings."""
