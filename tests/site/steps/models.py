"""The tables are what the migrations make of them."""
