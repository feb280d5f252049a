"""Stories: what people do, from end to end, over HTTP."""
