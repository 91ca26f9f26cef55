"""A customer's message arrives: stored once, then the assistant's turn is queued."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.channels.protocol import Incoming
from bot.conversations import tell_me
from bot.conversations.files import awaits_picture, keep_file
from bot.conversations.messages import (
    DESK_PREFIX,
    FEEDBACK_PREFIX,
    PRIVATE_PREFIX,
    Draft,
    append,
    lock_conversation,
)
from bot.db.models import Choice, Conversation, Message, PageView, Turn
from bot.errors import Refusal
from bot.handoff.leaving import cancel_within
from bot.handoff.overflow import FIND_SHOP, LEAVE_FOR_SHOP
from bot.handoff.request import refresh_who
from bot.handoff.snooze import woken_by_customer
from bot.identity.challenge import PROVEN_COMMAND, Typed, code_typed
from bot.identity.code_limits import heard_from
from bot.identity.consents import may_answer
from bot.identity.private import shelter
from bot.prepared import hearing, proof
from bot.prepared.offers import changed
from bot.prepared.records import awaits_proof
from bot.services import Services

_LONGEST_ID = 128
_OURS = (DESK_PREFIX, FEEDBACK_PREFIX, PRIVATE_PREFIX)


async def receive(services: Services, conversation_id: str, incoming: Incoming) -> tuple[Message, bool]:
    """The stored message, and whether it is new: the same ``client_message_id`` again gives the first one.

    Raises ``Refusal`` for an empty or too long message, an unknown button, an unknown conversation.
    """
    _check(incoming, services.settings.max_message_chars)
    now = services.clock()
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        known = await already_there(session, conversation_id, incoming.client_message_id)
        if known is not None:
            return known, False
        if not await may_answer(session, conversation):
            raise Refusal("consent_answering", 403)
        _note_page(session, conversation, incoming.page, now)
        heard_from(services, conversation, incoming.address)
        woke = conversation.owner == "advisor" and await woken_by_customer(session, conversation, now)
        typed = incoming.choice is None and incoming.upload is None
        command: str | None = None
        awaited = typed and await awaits_proof(session, conversation) is not None
        said_here = _text(incoming)
        code = await code_typed(services, session, conversation, said_here, now, awaited=awaited) if typed else None
        if code is None:
            text, command = await _content(session, conversation.id, incoming)
            message = await _keep(services, session, conversation, incoming, text, command)
            heard = await tell_me.heard(services, session, conversation, message, command)
            heard += await hearing.heard(services, session, conversation, message, command)
            said = [message, *heard]
        else:
            said = await keep_code_typed(services, session, conversation, incoming.client_message_id, code)
    if woke or command == LEAVE_FOR_SHOP:
        notify.state_changed(services, conversation)
    if code is None:
        hearing.tell(services, conversation, said[1:], command)
    else:
        await tell_of_code(services, conversation, said, code)
    return said[0], True


async def _keep(
    services: Services,
    session: AsyncSession,
    conversation: Conversation,
    incoming: Incoming,
    text: str,
    command: str | None,
) -> Message:
    """The message as it came, and its turn unless an advisor reads it, or it is about what an advisor prepared."""
    now = services.clock()
    kind = "text" if incoming.upload is None else "file"
    data: dict[str, Any] = {"edits": incoming.edits} if incoming.edits else {}
    if tell_me.is_ours(command):
        data["pressed"] = True
    draft = Draft("customer", text, kind, data=data, client_message_id=incoming.client_message_id)
    message = await append(session, services.channels, conversation, draft, now)
    if incoming.upload is not None:
        file_id = keep_file(session, message, incoming.upload)
        if await awaits_picture(session, conversation.id):
            command = "/send_file" + json.dumps({"file_id": file_id})
    if command == LEAVE_FOR_SHOP:
        await cancel_within(services, session, conversation)
        command = FIND_SHOP
    if conversation.owner != "advisor" and not hearing.is_ours(command) and not tell_me.is_ours(command):
        session.add(new_turn(message, command, now))
    return message


async def keep_code_typed(
    services: Services, session: AsyncSession, conversation: Conversation, client_message_id: str, code: Typed
) -> list[Message]:
    """The customer's message without the code, and what the assistant says of it; the right one has a turn to come."""
    now = services.clock()
    draft = Draft(
        "customer", code.text, client_message_id=client_message_id, data={"masked": True}, told_rasa=not code.proven
    )
    said = [await append(session, services.channels, conversation, draft, now)]
    if code.proven and conversation.owner == "bot":
        session.add(new_turn(said[0], PROVEN_COMMAND, now))
    for each in code.drafts:
        sheltered = await shelter(services, session, conversation, each, now)
        said.append(await append(session, services.channels, conversation, sheltered, now))
    return said + (await proof.proven(services, session, conversation) if code.proven else [])


async def tell_of_code(services: Services, conversation: Conversation, said: list[Message], code: Typed) -> None:
    """After the transaction: the page reads on, and who waits for this customer sees who it is."""
    notify.told(services, conversation, said[1:])
    if not code.proven:
        return
    changed(services, conversation.id)
    notify.state_changed(services, conversation)
    if conversation.owner != "bot":
        await refresh_who(services, conversation.id)


def _check(incoming: Incoming, limit: int) -> None:
    key = incoming.client_message_id
    if not key or len(key) > _LONGEST_ID or key.startswith(_OURS) or "\x00" in key:
        raise Refusal("bad_client_message_id", 422)
    if incoming.choice is not None or incoming.upload is not None:
        return
    text = incoming.text or ""
    if not text.strip():
        raise Refusal("empty_message", 422)
    if len(text) > limit:
        raise Refusal("message_too_long", 413, limit=limit)


async def already_there(session: AsyncSession, conversation_id: str, client_message_id: str) -> Message | None:
    """The message that came under this id before."""
    query = select(Message).where(
        Message.conversation_id == conversation_id, Message.client_message_id == client_message_id
    )
    return (await session.execute(query)).scalar_one_or_none()


async def _content(session: AsyncSession, conversation_id: str, incoming: Incoming) -> tuple[str, str | None]:
    if incoming.upload is not None:
        return incoming.upload.name, None
    if incoming.choice is None:
        return _text(incoming), None
    choice = await session.get(Choice, incoming.choice)
    if choice is None or choice.conversation_id != conversation_id:
        raise Refusal("unknown_choice", 422)
    return choice.title, choice.command


def _text(incoming: Incoming) -> str:
    return (incoming.text or "").replace("\x00", "").strip()


def new_turn(message: Message, command: str | None, now: datetime) -> Turn:
    """The assistant's work on a message; ``command`` is what a button stands for."""
    return Turn(
        conversation_id=message.conversation_id,
        message_id=message.id,
        seq=message.seq,
        command=command,
        next_attempt_at=now,
        created_at=now,
    )


def _note_page(session: AsyncSession, conversation: Conversation, page: dict[str, Any] | None, now: datetime) -> None:
    if page is None or page == conversation.page:
        return
    conversation.page = page
    view = PageView(conversation_id=conversation.id, url=page["url"], title=page.get("title"), seen_at=now)
    session.add(view)
