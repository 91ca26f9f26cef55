"""Proving who they are before they confirm: by signing in on the site, or by a code, while the advisor stays."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import Draft, append
from bot.db.identity import OneTimeCode
from bot.db.models import Conversation, Message
from bot.db.people import User
from bot.db.prepared import PreparedTask
from bot.errors import Refusal
from bot.identity.challenge import ask_for_code
from bot.identity.codes import usable_email
from bot.identity.private import is_confidential, shelter
from bot.identity.rights import may_see_personal_data
from bot.prepared.offers import changed, command, put_card
from bot.prepared.records import DRAFT, OFFERED, Json, audit, awaits_proof, find, owned, shown
from bot.services import Services
from bot.texts import say

_WORD = re.compile(r"[^\s<>(),;:\"]*@[^\s<>(),;:\"]+")


async def ask_customer(services: Services, advisor: User, conversation_id: str, prepared_id: str) -> Json:
    """The advisor asks for the proof first: orders and articles can then be chosen. Again: nothing more is said."""
    messages = []
    async with services.db.write() as session:
        conversation = await owned(session, conversation_id, advisor)
        row = await find(session, conversation_id, prepared_id)
        if row.status not in (DRAFT, OFFERED):
            raise Refusal("prepared_over", 409)
        if not may_see_personal_data(services, conversation) and row.proof_asked_at is None:
            messages.append(await ask(services, session, conversation, row, advisor.name))
            audit(session, services, "proof_asked", row, advisor.id)
        answer = {"prepared": shown(services, row, advisor, conversation)}
    notify.told(services, conversation, messages)
    changed(services, conversation_id)
    return answer


async def ask(
    services: Services, session: AsyncSession, conversation: Conversation, row: PreparedTask, name: str
) -> Message:
    """Asks the customer to sign in, or for the e-mail address of their account."""
    now = services.clock()
    row.proof_asked_at = now
    key = "prepared_prove_offer" if row.status == OFFERED else "prepared_prove"
    draft = Draft("system", say(conversation.locale, key, name=name), "notice", private={"field": "email"})
    sheltered = await shelter(services, session, conversation, draft, now)
    return await append(session, services.channels, conversation, sheltered, now)


def address_in(text: str) -> str | None:
    """The e-mail address that a message holds."""
    found = _WORD.search(text)
    return usable_email(found[0].strip(".'")) if found else None


async def address_given(
    services: Services, session: AsyncSession, conversation: Conversation, row: PreparedTask, address: str
) -> list[Message]:
    """A code is on its way, if the address has an account: the words are the same whether it has one."""
    now, locale = services.clock(), conversation.locale
    refused = await ask_for_code(services, session, conversation, {"email": address, "task": row.task}, now)
    again = [(say(locale, "code_again"), command(row, "code"))]
    sent = Draft("system", say(locale, "prepared_code_sent"), "notice", choices=again, private={"field": "code"})
    said = []
    for draft in refused or [sent]:
        sheltered = await shelter(services, session, conversation, draft, now)
        said.append(await append(session, services.channels, conversation, sheltered, now))
    return said


async def code_again(
    services: Services, session: AsyncSession, conversation: Conversation, row: PreparedTask
) -> list[Message]:
    """Another code to the address given last."""
    query = select(OneTimeCode.email).where(OneTimeCode.conversation_id == conversation.id)
    last = (await session.execute(query.order_by(OneTimeCode.created_at.desc()).limit(1))).scalar_one_or_none()
    return await address_given(services, session, conversation, row, last) if last else []


async def proven(services: Services, session: AsyncSession, conversation: Conversation) -> list[Message]:
    """They have just proved it: the card stands before them once more, and one press confirms it."""
    row = await awaits_proof(session, conversation)
    if row is None or not may_see_personal_data(services, conversation):
        return []
    row.proof_asked_at = None
    if row.status != OFFERED:
        return []
    advisor = await session.get_one(User, row.prepared_by)
    return [await put_card(services, session, conversation, row, advisor.name)]


def may_type_here(services: Services, conversation: Conversation) -> bool:
    """Whether an address may be typed in the thread itself."""
    return is_confidential(services, conversation)
