"""Chinese: money is grouped by thousands, as on every invoice."""

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
