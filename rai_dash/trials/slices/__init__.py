"""Error slices: where the errors of a model concentrate, corrected for having looked at many places."""
