"""Exact attributions of tree ensembles: one neutral form of the trees, one kernel, one reader a library."""
