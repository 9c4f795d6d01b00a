"""Text tables that are too large for memory: settled on their first rows, then read a block at a time."""
