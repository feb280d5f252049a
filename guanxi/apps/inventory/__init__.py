"""Inventory: warehouses, the documents that move stock, and what is there, what is promised and what it is worth."""
