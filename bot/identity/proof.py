"""Somebody has proved who they are: the host site signed it, or the code sent to their address came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.channels import Consent
from bot.db.identity import OneTimeCode
from bot.db.models import Conversation
from bot.db.people import AuditEntry, Customer, Identity, SpentToken
from bot.db.types import new_id
from bot.errors import Refusal
from bot.identity.links import carried, needs_consent, propose
from bot.identity.rights import HOST_METHOD, VERIFIED

HOST, EMAIL = "host", "email"


@dataclass(frozen=True)
class Proof:
    """Who it is by the host's ``reference``, and by what (``kind``, ``subject``) that was proven."""

    reference: str
    kind: str
    subject: str
    method: str
    name: str | None = None
    email: str | None = None


async def added(session: AsyncSession, row: SpentToken | Customer | Identity) -> bool:
    """Whether ``row`` is in; not when another process has just been quicker, whose row can then be read."""
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


async def prove(session: AsyncSession, conversation: Conversation, proof: Proof, now: datetime) -> Customer:
    """Makes the conversation that person's own, at assurance "verified". Raises ``Refusal`` (409) for a second person.

    Where the two were known by different channels the conversation keeps its own customer until the person agrees.
    """
    await _refuse_another(session, conversation, proof.reference)
    person = await _person(session, proof, now)
    # Signing in on the page where the chat is leaves no doubt, and no second channel.
    if proof.method != HOST_METHOD and await needs_consent(session, conversation, person):
        conversation.proven_customer_id = person.id
        await propose(session, conversation, person, now)
    else:
        await _became(session, conversation.customer_id, person)
        conversation.customer_id, conversation.proven_customer_id = person.id, None
    conversation.assurance, conversation.method, conversation.verified_at = VERIFIED, proof.method, now
    # No other code is awaited any more: six digits are an order's or an invoice's again.
    live = update(OneTimeCode).where(OneTimeCode.conversation_id == conversation.id, OneTimeCode.status == "live")
    await session.execute(live.values(status="replaced"))
    session.add(AuditEntry(at=now, action="identity_proven", target=conversation.id, detail=proof.method))
    return person


async def _became(session: AsyncSession, before: str, person: Customer) -> None:
    """What a visitor decided stands when they sign in."""
    if before != person.id:
        await carried(session, before, person.id)
        await session.execute(update(Consent).where(Consent.customer_id == before).values(customer_id=person.id))


async def _refuse_another(session: AsyncSession, conversation: Conversation, reference: str) -> None:
    for customer_id in (conversation.customer_id, conversation.proven_customer_id):
        known = await session.get(Customer, customer_id) if customer_id else None
        if known is not None and known.reference not in (None, reference):
            raise Refusal("other_customer", 409)


async def _person(session: AsyncSession, proof: Proof, now: datetime) -> Customer:
    """The customer of this reference, made on first sight and brought up to date."""
    query = select(Customer).where(Customer.reference == proof.reference)
    person = (await session.execute(query)).scalar_one_or_none()
    if person is None:
        person = Customer(id=new_id(), reference=proof.reference, created_at=now)
        if not await added(session, person):
            person = (await session.execute(query)).scalar_one()
    person.display_name = proof.name or person.display_name
    person.email = proof.email or person.email
    await _note_identity(session, person, proof, now)
    return person


async def _note_identity(session: AsyncSession, person: Customer, proof: Proof, now: datetime) -> None:
    query = select(Identity).where(Identity.kind == proof.kind, Identity.subject == proof.subject)
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        row = Identity(customer_id=person.id, kind=proof.kind, subject=proof.subject, assurance=VERIFIED)
        if not await added(session, row):
            row = (await session.execute(query)).scalar_one()
    # An address may pass from one account to another.
    row.customer_id, row.assurance, row.verified_at = person.id, VERIFIED, now
