"""The writers' studio, in a real browser on the real bot and a real knowledge base."""
