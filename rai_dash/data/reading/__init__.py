"""From the bytes of a file to plain columns; what runs in the locked process, and the check of what it answers."""
