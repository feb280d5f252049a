"""The sample company: an invented trading firm, rehearsed from its first customer to today."""
