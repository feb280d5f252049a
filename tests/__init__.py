"""Tests that span more than one app."""
