"""The composition: settings, command line, sign-in wiring."""
