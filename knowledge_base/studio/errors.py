"""What the studio refuses, as its neighbour is told."""

from __future__ import annotations

import errno
import sqlite3
from typing import Any

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class StudioError(Exception):
    """A refusal: a code, an HTTP status, a sentence, and what else the answer carries beside `error`."""

    def __init__(self, code: str, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.code, self.status, self.message, self.more = code, status, message, more

    def as_json(self) -> dict[str, Any]:
        """The body of the answer."""
        return {"error": {"code": self.code, "message": self.message}, **self.more}


def not_found(what: str) -> StudioError:
    """404 `not_found`."""
    return StudioError("not_found", 404, f"There is no such {what}.")


def unreadable(which: str = "version") -> StudioError:
    """404 `version_unreadable`: the history has it, and it is no text any more; `before`: the one before it."""
    return StudioError(f"{which}_unreadable", 404, f"The {which} cannot be read any more.")


def disk_full(error: Exception) -> StudioError | None:
    """507 `disk_full` if that is what this failure means."""
    full = isinstance(error, OSError) and error.errno in _FULL
    if full or (isinstance(error, sqlite3.OperationalError) and "full" in str(error)):
        return StudioError("disk_full", 507, "The disk is full: nothing was changed. Free some space and try again.")
    return None
