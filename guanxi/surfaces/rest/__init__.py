"""The REST interface: every object and every action for programs, with tokens, limits and a description."""
