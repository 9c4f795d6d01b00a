"""Why the model scores one applicant as it does: one file a route, every value in original columns."""
