"""Taking a turn from the record. A lease keeps two processes from doing the same one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations.messages import lock_conversation
from bot.db.models import Conversation, Message, Turn
from bot.identity.private import typed_value
from bot.services import Services

LEASE = timedelta(seconds=10)
UNFINISHED = ("pending", "running")


@dataclass(frozen=True)
class Claimed:
    """A turn that is ours until its lease ends, with the epoch under which it is made.

    ``said`` is what the customer wrote: the message's text, or what it masks.
    """

    turn: Turn
    message: Message
    conversation: Conversation
    epoch: int
    said: str

    @property
    def is_private(self) -> bool:
        """Whether the customer said it on a private page."""
        return "private" in self.message.data


async def claim_next(services: Services, worker: str, conversation_id: str) -> Claimed | datetime | None:
    """The oldest unfinished turn of a conversation; or when to look again; or nothing left to do."""
    now = services.clock()
    async with services.db.write() as session:
        conversation = await lock_conversation(session, conversation_id)
        query = select(Turn).where(Turn.conversation_id == conversation_id, Turn.status.in_(UNFINISHED))
        turn = (await session.execute(query.order_by(Turn.seq).limit(1))).scalar_one_or_none()
        if turn is None:
            return None
        if turn.lease_until is not None and turn.lease_until > now and turn.lease_owner != worker:
            return turn.lease_until
        if turn.next_attempt_at > now:
            return turn.next_attempt_at
        turn.status, turn.lease_owner, turn.lease_until = "running", worker, now + LEASE
        turn.attempts += 1
        message = await session.get_one(Message, turn.message_id)
        said = await typed_value(services, session, message) or message.text
        return Claimed(turn, message, conversation, conversation.epoch, said)


async def renew(services: Services, worker: str, turn_id: str) -> None:
    """Keeps a turn ours while it is being carried out."""
    async with services.db.write() as session:
        turn = await session.get(Turn, turn_id)
        if turn is not None and turn.status == "running" and turn.lease_owner == worker:
            turn.lease_until = services.clock() + LEASE


async def still_ours(session: AsyncSession, worker: str, turn_id: str) -> Turn | None:
    """The turn, if it is still running under our lease: what is committed twice would be said twice."""
    turn = await session.get(Turn, turn_id, populate_existing=True)
    if turn is None or turn.status != "running" or turn.lease_owner != worker:
        return None
    return turn


async def put_back(services: Services, worker: str, turn_id: str, delay: float, cause: str) -> None:
    """Gives a turn up until ``delay`` seconds from now."""
    async with services.db.write() as session:
        turn = await still_ours(session, worker, turn_id)
        if turn is not None:
            turn.status, turn.lease_owner, turn.lease_until = "pending", None, None
            turn.next_attempt_at = services.clock() + timedelta(seconds=delay)
            turn.error = cause


async def give_back_all(services: Services, worker: str) -> None:
    """At a clean stop: what we were doing is free for the next process at once."""
    ours = update(Turn).where(Turn.status == "running", Turn.lease_owner == worker)
    async with services.db.write() as session:
        await session.execute(ours.values(status="pending", lease_owner=None, lease_until=None))


async def waiting_conversations(services: Services) -> list[str]:
    """Conversations with a turn that nobody carries out right now."""
    now = services.clock()
    free = or_(Turn.lease_until.is_(None), Turn.lease_until <= now)
    query = select(Turn.conversation_id).where(Turn.status.in_(UNFINISHED), Turn.next_attempt_at <= now, free)
    async with services.db.read() as session:
        return list((await session.execute(query.distinct().limit(500))).scalars())
