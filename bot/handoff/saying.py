"""What an advisor says in a conversation that is theirs, stored once however often it is sent."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.channels.protocol import Upload
from bot.conversations.files import keep_file
from bot.conversations.messages import Draft, append, desk_key, lock_conversation
from bot.db.models import Message
from bot.db.people import User
from bot.errors import Refusal
from bot.handoff.snooze import noticed
from bot.handoff.taking_part import may_reply
from bot.services import Services


def checked_key(advisor: User, client_message_id: str) -> str:
    """The id that the record keeps. Raises ``Refusal`` (422) for one that is missing, too long or no text."""
    if not client_message_id or len(client_message_id) > 100 or "\x00" in client_message_id:
        raise Refusal("bad_client_message_id", 422)
    return desk_key(advisor.id, client_message_id)


async def said_before(session: AsyncSession, conversation_id: str, key: str) -> Message | None:
    """The message that came under this id."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.client_message_id == key)
    return (await session.execute(query)).scalar_one_or_none()


async def say_once(
    services: Services,
    conversation_id: str,
    advisor: User,
    client_message_id: str,
    draft: Draft,
    upload: Upload | None = None,
) -> tuple[Message, bool]:
    """The advisor's message, and whether it is new. ``Refusal`` (403) unless the customer hears them."""
    key = checked_key(advisor, client_message_id)
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        known = await said_before(session, conversation_id, key)
        if known is not None and known.internal:
            raise Refusal("bad_client_message_id", 422)  # it was a note: the customer has read nothing
        if known is not None:
            return known, False
        if not await may_reply(session, conversation, advisor):
            raise Refusal("not_your_conversation", 403)
        await noticed(session, conversation_id, services.clock())
        signed = replace(draft, author="advisor", author_name=advisor.name, client_message_id=key)
        message = await append(session, services.channels, conversation, signed, services.clock())
        if upload is not None:
            keep_file(session, message, upload)
    notify.told(services, conversation, [message])
    return message, True
