"""Whether what was signed is still true: a production batch against the policy."""
