"""Files in and out: reading what spreadsheets hold, writing what they may show."""
