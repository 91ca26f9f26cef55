"""The start of a desk, whatever state its history is in."""

from __future__ import annotations

from typing import Protocol

import structlog

log = structlog.get_logger()


class Desk(Protocol):
    """What goes on with what was interrupted."""

    def start(self) -> None: ...  # noqa: D102


def start(desk: Desk) -> None:
    """Start it; what cannot be done is logged: customers are answered all the same."""
    try:
        desk.start()
    except Exception:  # the history may be damaged, the disk full
        log.exception("studio_not_settled", desk=type(desk).__name__)
