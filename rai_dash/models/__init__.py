"""Model formats, one file each; the worker that holds a model; scoring and refitting."""
