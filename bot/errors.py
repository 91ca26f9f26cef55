"""The two ways in which something is refused or fails."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818  it is an answer, not a fault
    """A request we won't carry out. The person reads the sentence ``error_<code>`` in their language.

    ``status`` is the HTTP status, ``values`` fill the sentence, ``extra`` joins the error object.
    """

    def __init__(self, code: str, status: int = 400, *, extra: dict[str, str] | None = None, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.extra = extra or {}
        self.values = values


class NeighbourError(Exception):
    """A neighbour (Rasa, actions, knowledge_base, a channel) failed; ``permanent`` says whether to try again."""

    def __init__(self, code: str, message: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.permanent = permanent
        self.retry_after = retry_after
