"""Incident mode: answers prepared for what may happen, put in front of all others while it does."""
