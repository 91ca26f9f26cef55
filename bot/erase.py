"""Erasing a person, everywhere we keep something of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.identity import OneTimeCode
from bot.db.models import Base, Conversation
from bot.db.people import AuditEntry, Customer, Identity
from bot.errors import Refusal
from bot.identity.links import circle
from bot.identity.proof import EMAIL
from bot.services import Services

# Rasa's key for a conversation, as endpoints.yml sets its prefix.
TRACKER_KEY = "relais:tracker:{}"
# What Rasa told of itself on channels of its own; ours leaves nothing there.
PAST_KEY = "relais:past:{}"


async def erase_customer(services: Services, customer_id: str) -> int:
    """Deletes the person with all that refers to them, in Redis and in SQL; the number of conversations erased.

    The customers linked to them go too, and every conversation in which they were proven. Raises ``Refusal`` (404) for
    an unknown person, and ``redis.RedisError`` with everything in SQL still there, to be erased again. The audit keeps
    that it happened, and no name.
    """
    async with services.db.write() as session:
        person = await session.get(Customer, customer_id)
        if person is None:
            raise Refusal("not_found", 404)
        traces = await _traces(session, person)
        # The conversations first, as everywhere: two orders of locking could wait for each other.
        held = select(Conversation.id).where(Conversation.id.in_(traces.conversations))
        await session.execute(held.order_by(Conversation.id).with_for_update())
        await forget_trackers(services, traces.conversations)
        await erase_rows(session, traces)
        entry = AuditEntry(at=services.clock(), action="customer_erased", target=customer_id)
        session.add(entry)
    # A turn that was under way may have written its tracker once more.
    await forget_trackers(services, traces.conversations)
    return len(traces.conversations)


async def erase_rows(session: AsyncSession, traces: Traces) -> None:
    """From the tables that refer to others back to those they refer to; one made later is covered as well."""
    for table in reversed(Base.metadata.sorted_tables):
        theirs = _rows_of(table, traces)
        if theirs is not None:
            await session.execute(delete(table).where(theirs))


@dataclass(frozen=True)
class Traces:
    """By what a person's rows are found."""

    customers: list[str]
    conversations: list[str]
    codes: list[str]


async def _traces(session: AsyncSession, person: Customer) -> Traces:
    customers = await circle(session, person.id)
    theirs = Conversation.customer_id.in_(customers) | Conversation.proven_customer_id.in_(customers)
    conversations = list((await session.execute(select(Conversation.id).where(theirs))).scalars())
    # Their address may have been given in a conversation that is not theirs.
    addresses = select(Identity.subject).where(Identity.customer_id.in_(customers), Identity.kind == EMAIL)
    to_them = OneTimeCode.email.in_(addresses) | OneTimeCode.conversation_id.in_(conversations)
    if person.email is not None:
        to_them |= OneTimeCode.email == person.email.lower()
    if person.reference is not None:
        to_them |= OneTimeCode.reference == person.reference
    codes = list((await session.execute(select(OneTimeCode.id).where(to_them))).scalars())
    return Traces(customers, conversations, codes)


async def forget_trackers(services: Services, conversations: list[str]) -> None:
    """What Rasa keeps of them."""
    if services.redis is not None and conversations:
        await services.redis.delete(*(key.format(each) for each in conversations for key in (TRACKER_KEY, PAST_KEY)))


def _rows_of(table: Table, traces: Traces) -> ColumnElement[bool] | None:
    """Rows that are theirs, or that refer to them by any column; nothing for a table that holds no customer's rows."""
    found = [column.in_(ids) for column in table.c for ids in _ids_of(table, column.name, traces)]
    return or_(*found) if found else None


def _ids_of(table: Table, column: str, traces: Traces) -> list[list[str]]:
    meant = {key.column.table.name for key in table.c[column].foreign_keys}
    if column == "id":
        meant.add(table.name)
    ids = {"customers": traces.customers, "conversations": traces.conversations, "one_time_codes": traces.codes}
    # Not every column that names a conversation or a customer is a foreign key.
    if column.endswith("conversation_id"):
        meant.add("conversations")
    return [ids[name] for name in meant if name in ids]
