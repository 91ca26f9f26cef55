"""From the web to another channel by a one-time link: who opens it there is asked whether the two may be joined.

Holding the token shows that one person has both; the question in the other channel protects whoever was sent somebody
else's link. A link brings no assurance: what is personal still takes a proof, on each channel.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import append
from bot.db.channels import DeepLink
from bot.db.identity import CustomerLink
from bot.db.models import Conversation, Message
from bot.identity.links import circle, offered, person_of
from bot.identity.seal import keyed
from bot.services import Services

LIFE = timedelta(minutes=15)
_KEPT = timedelta(days=1)
# Telegram takes 64 characters of A-Z a-z 0-9 _ -.
_TOKEN_BYTES = 24


def _hash(services: Services, token: str) -> str:
    key = keyed(services.settings.identity_secret, "deep-link")
    return hmac.new(key, token.encode(errors="replace"), hashlib.sha256).hexdigest()


async def make_token(
    services: Services, session: AsyncSession, conversation: Conversation, channel: str
) -> tuple[str, datetime]:
    """A token that leads from ``conversation`` to ``channel``, and when it ends; the ones before are void."""
    now, token = services.clock(), secrets.token_urlsafe(_TOKEN_BYTES)
    unused = (DeepLink.conversation_id == conversation.id) & DeepLink.used_at.is_(None)
    await session.execute(delete(DeepLink).where(unused | (DeepLink.expires_at < now - _KEPT)))
    row = DeepLink(
        token_hash=_hash(services, token),
        conversation_id=conversation.id,
        channel=channel,
        created_at=now,
        expires_at=now + LIFE,
    )
    session.add(row)
    return token, row.expires_at


async def redeem(
    services: Services, session: AsyncSession, conversation: Conversation, token: str
) -> list[Message] | None:
    """Asks in ``conversation``, which must be locked, whether it may be joined to where the token comes from.

    What is said for it; nothing new when this conversation had used the token before, or when the two are joined
    already. ``None`` for a token that is unknown, too old, used by another, or of another channel.
    """
    now = services.clock()
    row = await session.get(DeepLink, _hash(services, token), with_for_update=True)
    if row is None or row.channel != conversation.channel:
        return None
    if row.used_by_conversation_id == conversation.id:
        return []
    if row.used_at is not None or now >= row.expires_at:
        return None
    row.used_at, row.used_by_conversation_id = now, conversation.id
    person = await person_of(session, await session.get_one(Conversation, row.conversation_id))
    if conversation.customer_id in await circle(session, person.id):
        return []
    link = await _link(session, conversation, person.id, now)
    return [await append(session, services.channels, conversation, offered(services, conversation, link), now)]


async def _link(session: AsyncSession, conversation: Conversation, person: str, now: datetime) -> CustomerLink:
    """The one between these two, made or taken up again: who opens a link means it, whatever they said before."""
    query = select(CustomerLink).where(
        CustomerLink.customer_id == conversation.customer_id, CustomerLink.linked_to == person
    )
    link = (await session.execute(query.limit(1).with_for_update())).scalar_one_or_none()
    if link is None:
        link = CustomerLink(
            customer_id=conversation.customer_id, linked_to=person, channel=conversation.channel, created_at=now
        )
        session.add(link)
    link.conversation_id, link.opened_by_link = conversation.id, True
    # Its buttons name it.
    await session.flush()
    return link
