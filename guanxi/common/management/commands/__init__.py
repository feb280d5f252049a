"""Commands for what people can do with any record."""
