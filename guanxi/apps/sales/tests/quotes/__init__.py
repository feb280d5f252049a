"""Tests of quotes and of what leaves the house with them."""
