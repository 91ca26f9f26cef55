"""Accounts of who works at the desk: passwords, tries, sessions, links by mail, and who may change whose account."""
