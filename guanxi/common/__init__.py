"""What people can do with any record: talk about it, attach files, follow, merge, look back, reveal; and the figures."""
