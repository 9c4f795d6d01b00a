"""Work on every row of a table of any size: part by part, resumable, in flat memory."""
