"""What people can do with any record: talk about it, attach files, follow it, merge it, look back, reveal."""
