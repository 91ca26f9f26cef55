"""Deliveries to channels that must be pushed to: in order for each conversation, with retries and back-off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog
from sqlalchemy import func, select

from bot import notify
from bot.background import beside, every, together
from bot.channels.protocol import Channel
from bot.conversations.messages import Draft, append, lock_conversation, public
from bot.conversations.reading import delivery
from bot.db.models import Message, OutboxItem
from bot.errors import NeighbourError
from bot.live import DESK
from bot.services import Services
from bot.texts import say

_POLL_SECONDS = 0.5
# Longer than any delivery takes: who dies in the middle of one leaves it to others after this time.
_CLAIM = timedelta(seconds=60)
_LONGEST_BACK_OFF = 300.0
_log = structlog.get_logger()


class Outbox:
    """Delivers what is due; a conversation's next message waits for the one before."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Delivers while the block lasts, if any channel needs it."""
        if not any(channel.pushes for channel in self._services.channels.values()):
            yield
            return
        async with beside(every(_POLL_SECONDS, "outbox", self._deliver_due)):
            yield

    async def _deliver_due(self) -> None:
        await together(*[self._deliver(item) for item in await self._due()])

    async def _due(self) -> list[OutboxItem]:
        """The first undelivered message of each conversation, where its time has come."""
        first = (
            select(OutboxItem.conversation_id, func.min(OutboxItem.seq).label("seq"))
            .where(OutboxItem.status == "pending")
            .group_by(OutboxItem.conversation_id)
            .subquery()
        )
        query = select(OutboxItem).join(
            first, (OutboxItem.conversation_id == first.c.conversation_id) & (OutboxItem.seq == first.c.seq)
        )
        due = query.where(OutboxItem.status == "pending", OutboxItem.next_attempt_at <= self._services.clock())
        async with self._services.db.read() as session:
            return list((await session.execute(due.order_by(OutboxItem.next_attempt_at).limit(100))).scalars())

    async def _claimed(self, item_id: str) -> Message | None:
        """The message, ours to deliver; nothing when another process is at it or has done it."""
        async with self._services.db.write() as session:
            item = await session.get_one(OutboxItem, item_id, with_for_update=True)
            now = self._services.clock()
            if item.status != "pending" or item.next_attempt_at > now:
                return None
            # Without the fault of the try before: a press on "try again" leaves alone what is on its way.
            item.next_attempt_at, item.error = now + _CLAIM, None
            return await session.get_one(Message, item.message_id)

    async def _deliver(self, item: OutboxItem) -> None:
        message = await self._claimed(item.id)
        if message is None:
            return
        try:
            await self._channel(item.channel).deliver(item.conversation_id, public(message))
        except NeighbourError as error:
            await self._failed(item, error)
        except Exception as error:  # noqa: BLE001  one channel's fault must not stop the others
            _log.exception("delivery_broke", item=item.id, channel=item.channel)
            await self._failed(item, NeighbourError("internal", type(error).__name__))
        else:
            await self._settle(item.id, "delivered", None)

    def _channel(self, name: str) -> Channel:
        if name not in self._services.channels:
            raise NeighbourError("unknown_channel", name, permanent=True)
        return self._services.channels[name]

    async def _settle(self, item_id: str, status: str, cause: str | None) -> None:
        async with self._services.db.write() as session:
            item = await session.get_one(OutboxItem, item_id)
            item.status, item.error = status, cause
        self._tell(item)

    def _tell(self, item: OutboxItem) -> None:
        """Whoever reads along sees what became of the message."""
        event = {"type": "delivery", "conversation_id": item.conversation_id, "delivery": delivery(item)}
        self._services.live.publish(DESK, event)

    async def _failed(self, item: OutboxItem, error: NeighbourError) -> None:
        _log.warning("delivery_failed", item=item.id, channel=item.channel, cause=error.code, permanent=error.permanent)
        if error.permanent:
            await self._settle(item.id, "failed", error.code)
            await self._tell_the_desk(item, error)
            return
        async with self._services.db.write() as session:
            row = await session.get_one(OutboxItem, item.id)
            row.attempts += 1
            wait = error.retry_after or min(_LONGEST_BACK_OFF, 2.0 ** min(row.attempts, 10))
            row.next_attempt_at = self._services.clock() + timedelta(seconds=wait)
            row.error = error.code
        self._tell(row)

    async def _tell_the_desk(self, item: OutboxItem, error: NeighbourError) -> None:
        """A message that will never arrive is said plainly, where the advisor reads."""
        services = self._services
        async with services.db.write() as session:
            conversation = await lock_conversation(session, item.conversation_id)
            text = say(services.service.brand.languages[0], "note_undelivered", channel=item.channel, cause=error.code)
            note = Draft("system", text, "notice", internal=True, told_rasa=True)
            message = await append(session, services.channels, conversation, note, services.clock())
        notify.told(services, conversation, [message])
