"""What a row of the list says of those who work on it together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.handoff.closing import tags_of
from bot.handoff.snooze import marks_of
from bot.handoff.taking_part import people_of

Json = dict[str, Any]
_AWAKE: Json = {"snoozed_until": None, "snooze_reason": None, "woken_by": None}


async def extras_of(session: AsyncSession, handoffs: Sequence[str]) -> dict[str, Json]:
    """``{tags, people, snoozed_until, snooze_reason, woken_by}`` of each."""
    tags = await tags_of(session, handoffs)
    people = await people_of(session, handoffs)
    marks = await marks_of(session, handoffs)
    return {
        one: {"tags": tags.get(one, []), "people": people.get(one, [])} | _AWAKE | marks.get(one, {})
        for one in handoffs
    }
