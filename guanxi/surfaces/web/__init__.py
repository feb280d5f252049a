"""The pages: lists, records, forms, dialogs and the frame around them, derived from the registry."""
