"""Who must read an article before it is published, and who mends what no article can."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from service.part import Locale, LocalText, Part
from service.topics import Topic


class Owner(Part):
    """Whoever answers for a product or a process; writers send them the questions that no article can settle."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    name: LocalText
    email: Annotated[str, Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$", max_length=254)]
    # In which they are written to.
    language: Locale = "fr"


class Studio(Part):
    """The rules of the writers' studio; what names a danger topic always needs a second person."""

    # ordinary: writers publish by themselves. all: somebody else approves first, unless a publisher publishes.
    review: Literal["ordinary", "all"] = "ordinary"
    # Articles of these topics need a second person too, whoever publishes.
    second_person_topics: tuple[Topic, ...] = ()
    # Who wrote an article last gets a mail so many days before its review date, and once it has come. 0: no mails.
    remind_days_before: Annotated[int, Field(ge=0, le=365)] = 7
    owners: tuple[Owner, ...] = ()

    @field_validator("owners")
    @classmethod
    def _each_once(cls, owners: tuple[Owner, ...]) -> tuple[Owner, ...]:
        if len({owner.id for owner in owners}) < len(owners):
            raise ValueError("each owner needs an id of its own")
        return owners
