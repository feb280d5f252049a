"""Work with customers: activities, follow-ups, to-dos, reminders and what comes back by a rule."""
