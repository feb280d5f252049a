"""Tables come in and go out: the engine, its pages and its rights."""
