"""The business, on numbered floors of its own."""
