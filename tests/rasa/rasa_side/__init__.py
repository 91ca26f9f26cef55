"""Checks that need Rasa's own environment: run there by `tests.rasa.in_rasa`, one process for each module."""
