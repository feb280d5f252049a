"""The pages every object gets: lists, boards, calendars, records, forms and dialogs."""
