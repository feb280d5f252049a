"""Chinese: money is grouped by thousands, as on every invoice; months are written without a zero before them."""

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
MONTH_DAY_FORMAT = "n月j日"
