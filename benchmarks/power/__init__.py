"""The plug is pulled: processes are killed in the middle of what they write, and the data is looked at afterwards."""
