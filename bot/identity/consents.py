"""What a customer agreed to, purpose by purpose: kept with when and by which channel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.channels import Consent
from bot.db.models import Conversation
from bot.identity.links import LINKING, circle, person_of
from bot.texts import say

Json = dict[str, Any]
ANSWERING, HISTORY, TELLING = "answering", "history", "telling"
# What holds until the customer says otherwise: who writes wants an answer, and finds their conversation again.
DEFAULTS = {ANSWERING: True, HISTORY: True, LINKING: False, TELLING: False}


async def decisions(session: AsyncSession, person: str) -> dict[str, Consent]:
    """The newest decision of a person for each purpose that they decided on, whichever channel it came by."""
    rows = (
        select(Consent).where(Consent.customer_id.in_(await circle(session, person))).order_by(Consent.at, Consent.id)
    )
    return {row.purpose: row for row in (await session.execute(rows)).scalars()}


async def agrees(session: AsyncSession, conversation: Conversation, purpose: str) -> bool:
    """Whether who this conversation is with agrees to ``purpose`` now."""
    person = await person_of(session, conversation)
    found = (await decisions(session, person.id)).get(purpose)
    return found.granted if found is not None else DEFAULTS[purpose]


async def decide(
    session: AsyncSession, conversation: Conversation, purpose: str, *, granted: bool, now: datetime
) -> bool:
    """Notes a decision; whether it changes anything. The same again leaves no second trace."""
    if await agrees(session, conversation, purpose) == granted:
        known = (await decisions(session, (await person_of(session, conversation)).id)).get(purpose)
        if known is not None or not granted:
            return False
    row = Consent(
        customer_id=(await person_of(session, conversation)).id,
        conversation_id=conversation.id,
        purpose=purpose,
        granted=granted,
        channel=conversation.channel,
        at=now,
    )
    session.add(row)
    await session.flush()
    return True


async def shown(session: AsyncSession, conversation: Conversation, brand: str) -> list[Json]:
    """``[{purpose, title, text, granted, decided_at?, channel?}]`` in the conversation's language."""
    known = await decisions(session, (await person_of(session, conversation)).id)
    return [_shown(conversation.locale, brand, purpose, known.get(purpose)) for purpose in DEFAULTS]


def _shown(locale: str, brand: str, purpose: str, decision: Consent | None) -> Json:
    words = {
        "purpose": purpose,
        "title": say(locale, f"consent_{purpose}_title"),
        "text": say(locale, f"consent_{purpose}_text", brand=brand),
    }
    if decision is None:
        return words | {"granted": DEFAULTS[purpose]}
    when = {"decided_at": decision.at.isoformat(), "channel": decision.channel}
    return words | {"granted": decision.granted} | when
