"""Conversations that anybody can read, played against the real assistant; see README.md."""
