"""Backups: one file with the data, the files and a list of what is in it; checked before anything is touched."""
