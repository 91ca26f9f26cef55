"""The writers' studio behind the scenes: drafts, publishing, history, checks, and long work with progress."""
