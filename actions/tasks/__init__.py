"""Self-care tasks: each is data (steps) and one function, run by one engine."""
