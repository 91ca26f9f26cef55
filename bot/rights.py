"""Which role may do what: the one table of rights."""

from __future__ import annotations

from typing import Literal

Role = Literal["advisor", "supervisor", "writer", "reviewer", "publisher", "admin"]
Right = Literal["converse", "supervise", "write", "approve", "publish", "administer"]

# converse: read and answer customers · supervise: see and steer the floor · administer: accounts.
# write: drafts of articles, and what needs nobody else · approve: other people’s drafts
# publish: articles, whatever the company’s rules ask of writers.
RIGHTS: dict[Right, frozenset[str]] = {
    "converse": frozenset({"advisor", "supervisor", "admin"}),
    "supervise": frozenset({"supervisor", "admin"}),
    "write": frozenset({"writer", "reviewer", "publisher", "supervisor", "admin"}),
    "approve": frozenset({"reviewer", "publisher", "supervisor", "admin"}),
    "publish": frozenset({"publisher", "supervisor", "admin"}),
    "administer": frozenset({"admin"}),
}


def may(role: str, right: Right) -> bool:
    """Whether ``role`` has ``right``."""
    return role in RIGHTS[right]


def rights_of(role: str) -> list[Right]:
    """Every right of ``role``, for a page that shows only what its reader may do."""
    return [right for right in RIGHTS if may(role, right)]
