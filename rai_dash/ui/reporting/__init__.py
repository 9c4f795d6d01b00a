"""The page Report: what is asked for, the work, and the files."""
