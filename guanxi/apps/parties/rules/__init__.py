"""Rules of customers and contacts as pure functions."""
