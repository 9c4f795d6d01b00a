"""The separate process in which files are parsed and models run: frames, client, long jobs."""
