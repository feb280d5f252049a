"""The crowd: as many more customers as wanted, generated with their people, deals and days, and written in bulk."""
