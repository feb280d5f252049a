"""Customers, contacts and how they hang together."""
