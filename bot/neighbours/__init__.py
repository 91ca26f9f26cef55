"""One typed client for each process that bot talks to."""
