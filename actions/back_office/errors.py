"""What can go wrong with the back office, as the tasks see it."""

from __future__ import annotations


class NotVerifiedError(Exception):
    """Nobody has proved who they are in this conversation, so no personal data."""


class NoSuchOrderError(Exception):
    """There is no such order on this customer's account; somebody else's order is no different."""


class BackOfficeError(Exception):
    """The back office is down, slow, or answers nonsense.

    `maybe_done` tells, after a call that changes something, whether it may have happened all the same: False when
    the call never arrived or was answered with 503, True when no proper answer came back. The same call with the
    same idempotency key is then the way to know: it changes nothing twice.
    """

    def __init__(self, cause: str = "", *, maybe_done: bool = False) -> None:
        super().__init__(cause)
        self.maybe_done = maybe_done


class RefusedError(Exception):
    """The back office understood and says no (409, 422): nothing was changed. `code` is stable, such as too_late."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
