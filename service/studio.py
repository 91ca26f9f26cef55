"""Who must read an article before it is published."""

from __future__ import annotations

from typing import Literal

from service.part import Part
from service.topics import Topic


class Studio(Part):
    """The rules of the writers' studio; what names a danger topic always needs a second person."""

    # ordinary: writers publish by themselves. all: somebody else approves first, unless a publisher publishes.
    review: Literal["ordinary", "all"] = "ordinary"
    # Articles of these topics need a second person too, whoever publishes.
    second_person_topics: tuple[Topic, ...] = ()
