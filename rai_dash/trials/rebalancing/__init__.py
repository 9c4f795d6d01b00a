"""Rebalancing: folds without copies, strategies side by side, and what they change on untouched rows."""
