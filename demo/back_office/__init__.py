"""The back office API of the demo shop, documented in docs/back-office.md; a company puts its own behind it."""

from demo.back_office.api import setup
from demo.back_office.shared import BASE, CLOCK, DATABASE

__all__ = ["BASE", "CLOCK", "DATABASE", "setup"]
