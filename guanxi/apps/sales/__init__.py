"""Sales: from raw data through leads to opportunities that are won or lost, and why."""
