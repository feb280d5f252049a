"""What is sold, in which units, at which prices, in which currencies."""
