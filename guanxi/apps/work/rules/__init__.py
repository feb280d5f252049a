"""Pure rules of daily work: times, reminders, what comes back and what comes next."""
