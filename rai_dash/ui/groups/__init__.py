"""The Fairness page: one look at the groups, and the views of it."""
