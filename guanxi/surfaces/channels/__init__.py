"""Channels: how words leave the company. Mail by SMTP so far; every message is kept with the record it is about."""
