"""Measures the running product: where each millisecond and megabyte goes. ``make bench``."""
