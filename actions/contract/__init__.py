"""Checks a company's back office against docs/back-office.md, by the calls that Relais makes."""
