"""Reference: what is derived from the declarations, written down for people."""
