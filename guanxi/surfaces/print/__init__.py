"""Sheets: what a record looks like on paper, as PDF or from a Word template, the same again whenever it is asked for."""
