"""Who is speaking, and how we know."""
