"""One person on two channels: linked if they agree, unlinked when they like. Links join customers and rewrite none."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, func, literal, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.conversations.messages import Draft
from bot.db.channels import Consent
from bot.db.identity import CustomerLink
from bot.db.models import Conversation, Handoff
from bot.db.people import AuditEntry, Customer, Identity
from bot.identity.rights import may_see_personal_data
from bot.services import Services
from bot.texts import known, say

Json = dict[str, Any]
# A press that bot answers itself; Rasa knows nothing of links.
COMMAND = "/relais_link"
# The purpose of a consent (``consents.py``) that a link stands for.
LINKING = "linking"
_DECISIONS = {"linked": "identity_linked", "declined": "identity_link_declined", "unlinked": "identity_unlinked"}


async def linked_person(session: AsyncSession, customer_id: str) -> str | None:
    """Who this customer of one channel is, if they agreed that we know."""
    return (await session.execute(_linked_to(customer_id))).scalar_one_or_none()


def _linked_to(customer_id: str) -> Select[str]:
    query = select(CustomerLink.linked_to).where(
        CustomerLink.customer_id == customer_id, CustomerLink.status == "linked"
    )
    return query.order_by(CustomerLink.decided_at.desc()).limit(1)


async def person_of(session: AsyncSession, conversation: Conversation) -> Customer:
    """Whom the conversation is with: who was proven in it, or who its customer is linked to, or that customer."""
    if conversation.proven_customer_id is not None:
        return await session.get_one(Customer, conversation.proven_customer_id)
    linked = _linked_to(conversation.customer_id).scalar_subquery()
    query = select(Customer).where(Customer.id == func.coalesce(linked, conversation.customer_id))
    return (await session.execute(query)).scalar_one()


def is_with(customer_id: InstrumentedAttribute[str] | str) -> ColumnElement[bool]:
    """That a conversation is with this customer; said so that a database can use its indices, unlike a coalesce."""
    unproven = Conversation.proven_customer_id.is_(None)
    return (Conversation.proven_customer_id == customer_id) | (unproven & (Conversation.customer_id == customer_id))


async def circle(session: AsyncSession, customer_id: str) -> list[str]:
    """Every customer that is this person: themselves, and those linked to them."""
    query = select(CustomerLink.customer_id).where(
        CustomerLink.linked_to == customer_id, CustomerLink.status == "linked"
    )
    return [customer_id, *(await session.execute(query)).scalars()]


async def same_person(session: AsyncSession, conversation: Conversation) -> list[str]:
    """``circle`` of the person of this conversation, in one look."""
    linked_to = _linked_to(conversation.customer_id).scalar_subquery()
    person = func.coalesce(literal(conversation.proven_customer_id, String), linked_to, conversation.customer_id)
    linked = select(CustomerLink.customer_id).where(CustomerLink.linked_to == person, CustomerLink.status == "linked")
    return list((await session.execute(union_all(select(person), linked))).scalars())


async def joined_by_link(session: AsyncSession, one: Conversation, other: Conversation) -> bool:
    """Whether one person opened both channels by a deep link, and said yes: their history is one."""
    person, theirs = (await person_of(session, one)).id, {other.customer_id, other.proven_customer_id}
    query = select(CustomerLink.customer_id, CustomerLink.linked_to).where(
        CustomerLink.linked_to == person, CustomerLink.status == "linked", CustomerLink.opened_by_link
    )
    rows = (await session.execute(query)).all()
    joined = {customer_id for row in rows for customer_id in row}
    return one.customer_id in joined and bool(theirs & joined)


async def needs_consent(session: AsyncSession, conversation: Conversation, person: Customer) -> bool:
    """Whether this conversation and ``person`` are known by different channels."""
    if conversation.customer_id == person.id:
        return False
    account = select(Identity.id).where(
        Identity.customer_id == conversation.customer_id, Identity.kind == conversation.channel
    )
    theirs = (Conversation.customer_id == person.id) | (Conversation.proven_customer_id == person.id)
    elsewhere = select(Conversation.id).where(theirs, Conversation.channel != conversation.channel)
    for query in (account, elsewhere):
        if (await session.execute(query.limit(1))).first() is not None:
            return True
    return False


async def propose(session: AsyncSession, conversation: Conversation, person: Customer, now: datetime) -> None:
    """To be asked when no task is in the way; only once for the same two."""
    query = select(CustomerLink.id).where(
        CustomerLink.customer_id == conversation.customer_id, CustomerLink.linked_to == person.id
    )
    if (await session.execute(query.limit(1))).first() is None:
        row = CustomerLink(
            customer_id=conversation.customer_id,
            linked_to=person.id,
            conversation_id=conversation.id,
            channel=conversation.channel,
            created_at=now,
        )
        session.add(row)


async def due_question(services: Services, session: AsyncSession, conversation: Conversation) -> list[Draft]:
    """The question for consent, if it is due."""
    query = select(CustomerLink).where(CustomerLink.conversation_id == conversation.id, CustomerLink.status == "due")
    link = (await session.execute(query.limit(1))).scalar_one_or_none()
    if link is None:
        return []
    return [offered(services, conversation, link)]


def offered(services: Services, conversation: Conversation, link: CustomerLink) -> Draft:
    """The question itself."""
    link.status = "offered"
    choices = [
        (say(conversation.locale, "link_yes"), _command(link, True)),
        (say(conversation.locale, "link_no"), _command(link, False)),
    ]
    return _draft(services, conversation, "link_ask", choices)


def _command(link: CustomerLink, yes: bool) -> str:
    return COMMAND + json.dumps({"link": link.id, "yes": yes})


def _draft(services: Services, conversation: Conversation, key: str, choices: Sequence[tuple[str, str]] = ()) -> Draft:
    brand = services.service.brand
    text = say(conversation.locale, key, brand=brand.name)
    kind = "choices" if choices else "text"
    return Draft("bot", text, kind, brand.assistant_name, choices=choices, told_rasa=True)


async def carried(session: AsyncSession, before: str, person: str) -> None:
    """A visitor has become ``person``: what they had linked stays linked."""
    await session.execute(update(CustomerLink).where(CustomerLink.linked_to == before).values(linked_to=person))


async def shown_links(services: Services, session: AsyncSession, conversation: Conversation) -> list[Draft]:
    """Beneath "my data": each channel that is linked to this person, and the way to undo it."""
    drafts = []
    for link in await links_of(session, conversation):
        channel = known(conversation.locale, f"channel_{link.channel}") or link.channel
        text = say(conversation.locale, "link_shown", channel=channel)
        choices = [(say(conversation.locale, "link_undo"), _command(link, False))]
        name = services.service.brand.assistant_name
        drafts.append(Draft("bot", text, "choices", name, choices=choices, told_rasa=True))
    return drafts


def pressed(command: str | None) -> Json | None:
    """What a button about links says: ``{link, yes}``; nothing for any other command."""
    intent, _, arguments = (command or "").partition("{")
    return json.loads("{" + arguments) if intent == COMMAND else None


async def decide(services: Services, session: AsyncSession, conversation: Conversation, press: Json) -> list[Draft]:
    """Links or unlinks, for who may: the person themselves, or the channel's own customer. It goes to the audit."""
    link = await session.get(CustomerLink, press["link"], with_for_update=True)
    yes = bool(press["yes"])
    if link is None or not _may_decide(services, conversation, link, yes):
        return [_draft(services, conversation, "link_gone")]
    status = await settle(session, conversation, link, yes, services.clock())
    again = [(say(conversation.locale, "link_again"), _command(link, True))] if status == "unlinked" else []
    return [_draft(services, conversation, f"link_{status}", again)]


async def settle(
    session: AsyncSession, conversation: Conversation, link: CustomerLink, yes: bool, now: datetime
) -> str:
    """Writes a decision down, with who took it and where; the status it led to."""
    status = "linked" if yes else ("unlinked" if link.status in ("linked", "unlinked") else "declined")
    if yes:
        # An account of a channel is one person's: who it was before is let go.
        others = update(CustomerLink).where(CustomerLink.customer_id == link.customer_id, CustomerLink.id != link.id)
        await session.execute(others.where(CustomerLink.status == "linked").values(status="unlinked", decided_at=now))
    if status == link.status:
        return status
    if link.status == "linked" or yes:
        await _parted(session, link.customer_id)
    link.status, link.decided_at = status, now
    session.add(AuditEntry(at=now, action=_DECISIONS[status], target=link.linked_to, detail=link.channel))
    if yes or len(await circle(session, link.linked_to)) == 1:
        where = {"customer_id": link.linked_to, "conversation_id": conversation.id, "channel": conversation.channel}
        session.add(Consent(purpose=LINKING, granted=yes, at=now, **where))
    return status


async def _parted(session: AsyncSession, customer_id: str) -> None:
    """What this account asked is no more one case with what somebody else asked."""
    theirs = select(Handoff.case_id).join(Conversation, Conversation.id == Handoff.conversation_id)
    cases = theirs.where(Conversation.customer_id == customer_id, Handoff.case_id.is_not(None))
    query = select(Handoff, Conversation.customer_id).join(Conversation, Conversation.id == Handoff.conversation_id)
    query = query.where(Handoff.case_id.in_(cases)).order_by(Handoff.id).with_for_update(of=Handoff)
    rows = (await session.execute(query.execution_options(populate_existing=True))).all()
    left = Counter(handoff.case_id for handoff, whose in rows if whose != customer_id)
    for handoff, whose in rows:
        # One that stays behind alone is no case either.
        if whose == customer_id or left[handoff.case_id] == 1:
            handoff.case_id = None


async def links_of(session: AsyncSession, conversation: Conversation) -> list[CustomerLink]:
    """What is linked to the person of this conversation, or was by its own customer."""
    person = conversation.proven_customer_id or conversation.customer_id
    theirs = (CustomerLink.linked_to == person) | (CustomerLink.customer_id == conversation.customer_id)
    query = select(CustomerLink).where(theirs, CustomerLink.status == "linked").order_by(CustomerLink.decided_at)
    return list((await session.execute(query)).scalars())


def _may_decide(services: Services, conversation: Conversation, link: CustomerLink, yes: bool) -> bool:
    """Either side may undo a link; making one takes who has proved to be that person, here."""
    mine = {conversation.customer_id, conversation.proven_customer_id}
    if yes and link.opened_by_link and link.status == "offered" and link.customer_id == conversation.customer_id:
        return True
    if yes:
        return may_see_personal_data(services, conversation) and link.linked_to in mine
    return bool(mine & {link.customer_id, link.linked_to})
