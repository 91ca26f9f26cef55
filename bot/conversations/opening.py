"""A conversation begins: a customer, known or not, and a greeting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import Draft, append, lock_conversation, messages_after
from bot.db.models import Conversation, Message, PageView
from bot.db.people import Customer, Identity
from bot.db.types import new_id
from bot.identity.host import HostIdentity, sign_in
from bot.identity.links import is_with
from bot.identity.proof import added
from bot.identity.rights import ANONYMOUS, CHANNEL
from bot.prepared import proof
from bot.services import Services
from bot.texts import say

_UNDER_WAY = timedelta(days=1)


@dataclass(frozen=True)
class Opening:
    """What is known when a conversation begins; ``account`` is by what the channel itself knows the person."""

    channel: str
    locale: str
    identity: HostIdentity | None = None
    page: dict[str, Any] | None = None
    account: str | None = None
    greets: bool = True


async def resume_conversation(
    services: Services, opening: Opening
) -> tuple[Conversation, list[Message], list[Message]] | None:
    """The thread that this customer has under way on this channel: with a human first, else of the last day.

    All its messages, and those of them that are new: what waited for them to prove who they are.
    """
    if opening.identity is None:
        return None
    now = services.clock()
    under_way = (Conversation.owner != "bot").desc()
    query = (
        select(Conversation)
        .join(Customer, is_with(Customer.id))
        .where(Customer.reference == opening.identity.reference, Conversation.channel == opening.channel)
        .where((Conversation.owner != "bot") | (Conversation.updated_at >= now - _UNDER_WAY))
        .order_by(under_way, Conversation.updated_at.desc())
        .limit(1)
    )
    async with services.db.write() as session:
        found = (await session.execute(query)).scalar_one_or_none()
        if found is None:
            return None
        conversation = await lock_conversation(session, found.id)
        # A token of the conversation comes back for it: a signature that was overheard must not open it.
        await sign_in(session, conversation, opening.identity, now, again=False)
        said = await proof.proven(services, session, conversation)
        return conversation, await messages_after(session, conversation.id, 0), said


async def open_conversation(services: Services, opening: Opening) -> tuple[Conversation, list[Message]]:
    """A new conversation and its first messages (the greeting). Raises ``Refusal`` for a replayed identity."""
    async with services.db.write() as session:
        return await open_within(services, session, opening)


async def open_within(
    services: Services, session: AsyncSession, opening: Opening
) -> tuple[Conversation, list[Message]]:
    """``open_conversation`` within the caller's transaction."""
    now = services.clock()
    customer = await _known_by_channel(session, opening, now)
    conversation = Conversation(
        customer_id=customer.id,
        channel=opening.channel,
        locale=opening.locale,
        assurance=CHANNEL if opening.account else ANONYMOUS,
        page=opening.page,
        created_at=now,
        updated_at=now,
    )
    session.add(conversation)
    await session.flush()
    if opening.identity is not None:
        await sign_in(session, conversation, opening.identity, now)
        if opening.account is None:
            await session.delete(customer)
    if opening.page is not None:
        page = opening.page
        session.add(PageView(conversation_id=conversation.id, url=page["url"], title=page.get("title"), seen_at=now))
    if not opening.greets:
        return conversation, []
    return conversation, [await append(session, services.channels, conversation, _greeting(services, opening), now)]


async def _known_by_channel(session: AsyncSession, opening: Opening, now: datetime) -> Customer:
    """The customer of the channel's account, made on first sight; without an account a new one each time."""
    query = (
        select(Customer)
        .join(Identity, Identity.customer_id == Customer.id)
        .where(Identity.kind == opening.channel, Identity.subject == opening.account)
    )
    known = (await session.execute(query)).scalar_one_or_none() if opening.account else None
    if known is not None:
        return known
    customer = Customer(id=new_id(), created_at=now)
    session.add(customer)
    await session.flush()
    if opening.account is None:
        return customer
    row = Identity(customer_id=customer.id, kind=opening.channel, subject=opening.account, assurance=CHANNEL)
    if await added(session, row):
        return customer
    await session.delete(customer)
    return (await session.execute(query)).scalar_one()


def _greeting(services: Services, opening: Opening) -> Draft:
    name = opening.identity.name.split()[0] if opening.identity and opening.identity.name else None
    text = greeting_text(services, opening.locale, name)
    return Draft("bot", text, author_name=services.service.brand.assistant_name, told_rasa=True)


def greeting_text(services: Services, locale: str, name: str | None) -> str:
    """The first thing said; the company's own words to somebody whose name is not known."""
    brand = services.service.brand
    own = services.service.widget.greeting
    if own is not None and name is None:
        return own.in_locale(locale).format(assistant=brand.assistant_name, brand=brand.name)
    key = "greeting_named" if name else "greeting"
    return say(locale, key, assistant=brand.assistant_name, brand=brand.name, name=name)
