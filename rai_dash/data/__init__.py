"""Everything that touches rows: read, roles, labels, groups, profile, imbalance, counting."""
