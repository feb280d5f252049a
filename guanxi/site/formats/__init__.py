"""How numbers are written where the framework's own habit differs from that of offices."""
