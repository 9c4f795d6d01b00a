"""One applicant's decision: why, what if, what would change it, and the reasons for a refusal."""
