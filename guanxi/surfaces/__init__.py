"""Ways in and out: they read the registry and never import an app."""
