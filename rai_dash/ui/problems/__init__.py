"""The Problems page: what is known to be wrong, whom it hits, whether it is mended, and who looks after it."""
