"""Erasing a person, everywhere we keep something of them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, delete, select

from bot.db.models import Base, Conversation
from bot.db.people import AuditEntry, Customer
from bot.errors import Refusal
from bot.services import Services

# Rasa's key for a conversation, as endpoints.yml sets its prefix.
TRACKER_KEY = "relais:tracker:{}"


async def erase_customer(services: Services, customer_id: str) -> int:
    """Deletes the person with all that refers to them, in Redis and in SQL; the number of conversations erased.

    Raises ``Refusal`` (404) for an unknown person, and ``redis.RedisError`` with everything in SQL still there, to be
    erased again. The audit keeps that it happened, and no name.
    """
    async with services.db.write() as session:
        if await session.get(Customer, customer_id) is None:
            raise Refusal("not_found", 404)
        mine = select(Conversation.id).where(Conversation.customer_id == customer_id)
        conversations = list((await session.execute(mine)).scalars())
        await _forget_trackers(services, conversations)
        # From the tables that refer to others back to those they refer to; one made later is covered as well.
        for table in reversed(Base.metadata.sorted_tables):
            theirs = _rows_of(table, conversations, customer_id)
            if theirs is not None:
                await session.execute(delete(table).where(theirs))
        entry = AuditEntry(at=services.clock(), action="customer_erased", target=customer_id)
        session.add(entry)
    # A turn that was under way may have written its tracker once more.
    await _forget_trackers(services, conversations)
    return len(conversations)


async def _forget_trackers(services: Services, conversations: list[str]) -> None:
    if services.redis is not None and conversations:
        await services.redis.delete(*(TRACKER_KEY.format(each) for each in conversations))


def _rows_of(table: Table, conversations: list[str], customer_id: str) -> ColumnElement[bool] | None:
    if table.name == Customer.__tablename__:
        return table.c.id == customer_id
    if table.name == Conversation.__tablename__:
        return table.c.id.in_(conversations)
    if "conversation_id" in table.c:
        return table.c.conversation_id.in_(conversations)
    return table.c.customer_id == customer_id if "customer_id" in table.c else None
