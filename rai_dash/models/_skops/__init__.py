"""The review of skops files, of what they load, and of the columns they want."""
