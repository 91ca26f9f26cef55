"""Threads with customers: opening one, receiving into it, reading it by ``seq``."""
