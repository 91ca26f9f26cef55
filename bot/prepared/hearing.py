"""What a customer's message means for a prepared task: a press on its card, or the address that a code is to go to."""

from __future__ import annotations

import json

from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.conversations.messages import Draft, append
from bot.db.models import Conversation, Message
from bot.db.people import User
from bot.db.prepared import PreparedTask
from bot.identity.rights import may_see_personal_data
from bot.prepared import proof
from bot.prepared.offers import COMMAND, changed, end_if_over
from bot.prepared.records import (
    CONFIRMED,
    DECLINED,
    DONE,
    EXPIRED,
    FAILED,
    OFFERED,
    REFUSED,
    WITHDRAWN,
    audit,
    awaits_proof,
)
from bot.services import Services
from bot.texts import say

# What a button says once its card is over.
_TOO_LATE = {
    CONFIRMED: "prepared_confirmed_already",
    DONE: "prepared_done_already",
    REFUSED: "prepared_ended_already",
    FAILED: "prepared_ended_already",
    DECLINED: "prepared_declined_already",
    WITHDRAWN: "prepared_gone",
    EXPIRED: "prepared_gone",
}


def is_ours(command: str | None) -> bool:
    """Whether a button is one of a prepared task's: no turn of the assistant's comes of it."""
    return command is not None and command.startswith(COMMAND + "{")


async def heard(
    services: Services, session: AsyncSession, conversation: Conversation, message: Message, command: str | None
) -> list[Message]:
    """What is said to it, within the transaction that keeps the message; the conversation is locked."""
    if command is not None and is_ours(command):
        return await _pressed(services, session, conversation, json.loads(command.removeprefix(COMMAND)))
    if command is not None or message.kind != "text" or not proof.may_type_here(services, conversation):
        return []
    address = proof.address_in(message.text)
    row = await awaits_proof(session, conversation) if address else None
    if row is None or address is None or may_see_personal_data(services, conversation):
        return []
    return await proof.address_given(services, session, conversation, row, address)


def tell(services: Services, conversation: Conversation, said: list[Message], command: str | None) -> None:
    """After the transaction: pages read on, desks look again, and what was confirmed is begun."""
    if said:
        notify.told(services, conversation, said)
    if said or is_ours(command):
        changed(services, conversation.id)


async def _pressed(
    services: Services, session: AsyncSession, conversation: Conversation, press: dict[str, str]
) -> list[Message]:
    row = await session.get(PreparedTask, press["id"], populate_existing=True)
    if row is None or row.conversation_id != conversation.id:
        return []
    over = await end_if_over(services, session, conversation, row)
    if over:
        return over
    if press["press"] == "code":
        asks = await awaits_proof(session, conversation)
        return await proof.code_again(services, session, conversation, asks) if asks else []
    if row.status != OFFERED:
        key = _TOO_LATE.get(row.status, "prepared_gone")
    elif press["press"] == "no":
        row.status, row.ended_at, row.proof_asked_at = DECLINED, services.clock(), None
        audit(session, services, "task_declined", row)
        key = "prepared_declined"
    elif row.asks_proof and not may_see_personal_data(services, conversation):
        advisor = await session.get_one(User, row.prepared_by)
        return [await proof.ask(services, session, conversation, row, advisor.name)]
    else:
        now = services.clock()
        row.status, row.confirmed_at, row.next_attempt_at, row.proof_asked_at = CONFIRMED, now, now, None
        audit(session, services, "task_confirmed", row)
        key = "prepared_confirmed"
    data = {"prepared": {"id": row.id, "status": row.status}}
    draft = Draft("system", say(conversation.locale, key), "notice", data=data)
    return [await append(session, services.channels, conversation, draft, services.clock())]
