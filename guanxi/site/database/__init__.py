"""The two databases as Django knows them, with one change: what is read of an object is spelled out once."""
