"""Measures answers, search and the running product, each against a named baseline. ``make bench``."""
