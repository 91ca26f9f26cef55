"""What a customer agreed to, purpose by purpose: kept with when and by which channel.

``answering``: what they write is read and answered. ``history``: their conversations are kept and shown to advisors.
``linking``: what they say on two channels is one history. ``telling``: they are told when an answer exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.channels import Consent
from bot.db.models import Conversation
from bot.identity.links import LINKING, circle, linked_person, person_of, same_person
from bot.texts import say

Json = dict[str, Any]
ANSWERING, HISTORY, TELLING = "answering", "history", "telling"
# What holds until the customer says otherwise: who writes wants an answer, and finds their conversation again.
DEFAULTS = {ANSWERING: True, HISTORY: True, LINKING: False, TELLING: False}


async def decisions(session: AsyncSession, person: Sequence[str]) -> dict[str, Consent]:
    """The newest decision for each purpose that they decided on, whichever channel it came by.

    ``person``: every customer that they are (``links.same_person``).
    """
    theirs = Consent.customer_id.in_(person)
    rows = (await session.execute(select(Consent).where(theirs).order_by(Consent.at, Consent.id))).scalars()
    return {row.purpose: row for row in rows}


async def agrees(session: AsyncSession, conversation: Conversation, purpose: str) -> bool:
    """Whether who this conversation is with agrees to ``purpose`` now."""
    return await has_agreed(session, await same_person(session, conversation), purpose)


async def has_agreed(session: AsyncSession, person: Sequence[str], purpose: str) -> bool:
    """The same of a person, given as every customer that they are."""
    found = (await decisions(session, person)).get(purpose)
    return found.granted if found is not None else DEFAULTS[purpose]


async def may_answer(session: AsyncSession, conversation: Conversation) -> bool:
    """The same for ``answering``, asked for each message: quick for the nearly everybody who never refused it."""
    ids = [conversation.customer_id, conversation.proven_customer_id]
    if conversation.channel != "web":
        ids.append(await linked_person(session, conversation.customer_id))
    refused = Consent.customer_id.in_([each for each in ids if each]) & Consent.granted.is_(False)
    query = select(Consent.id).where(refused, Consent.purpose == ANSWERING).limit(1)
    return (await session.execute(query)).first() is None or await agrees(session, conversation, ANSWERING)


async def note(
    session: AsyncSession, conversation: Conversation, purpose: str, *, granted: bool, now: datetime
) -> bool:
    """Writes a decision down; whether it is a new one. The same again leaves no second trace."""
    person = await person_of(session, conversation)
    known = (await decisions(session, await circle(session, person.id))).get(purpose)
    if known is not None and known.granted == granted:
        return False
    row = Consent(
        customer_id=person.id,
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
    known = await decisions(session, await same_person(session, conversation))
    return [_shown(conversation.locale, brand, purpose, known.get(purpose)) for purpose in DEFAULTS]


def _shown(locale: str, brand: str, purpose: str, decision: Consent | None) -> Json:
    words = {
        "purpose": purpose,
        "title": say(locale, f"consent_{purpose}_title"),
        "text": say(locale, f"consent_{purpose}_text", brand=brand),
    }
    if decision is None:
        return words | {"granted": DEFAULTS[purpose]}
    return words | {"granted": decision.granted, "decided_at": decision.at.isoformat(), "channel": decision.channel}
