"""Deliveries to channels that must be pushed to: in order for each conversation, with retries and back-off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.background import beside, every, stop
from bot.channels.protocol import Channel
from bot.conversations.messages import Draft, append, lock_conversation, public
from bot.conversations.reading import delivery
from bot.db.models import Message, OutboxItem
from bot.errors import NeighbourError, Refusal
from bot.live import DESK, OUTBOX, Event
from bot.services import Services
from bot.texts import known, say

_POLL_SECONDS = 0.5
# Longer than any delivery takes: who dies in the middle of one leaves it to others after this time.
_CLAIM = timedelta(seconds=60)
_LONGEST_BACK_OFF = 300.0
# However long a channel asks to be left alone, somebody waits for the message.
_LONGEST_ASKED = 3600.0
_AT_ONCE = 100
# At the end: what is on its way may arrive, and is not sent again by the next process.
_GRACE_SECONDS = 5.0
# In the data of a note: why something was not delivered.
_CAUSE = "undelivered"
_log = structlog.get_logger()


class Outbox:
    """Delivers what is due; a conversation's next message waits for the one before, and for no other conversation's.

    A message is delivered at least once: a process that dies, or a far side whose answer is lost, between handing over
    and noting it has it delivered again.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._on_the_way: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Delivers while the block lasts, if any channel needs it."""
        if not any(channel.pushes for channel in self._services.channels.values()):
            yield
            return
        with self._services.live.subscribe(OUTBOX) as hints:
            async with beside(every(0.0, "outbox", lambda: self._deliver_due(hints))):
                yield
            if self._on_the_way:
                await asyncio.wait(self._on_the_way, timeout=_GRACE_SECONDS)
            await stop(list(self._on_the_way))

    async def _deliver_due(self, hints: asyncio.Queue[Event]) -> None:
        """Starts what is due, then waits for a hint that there is more, or a moment."""
        try:
            for item in await self._due():
                task = asyncio.create_task(self._delivered(item))
                self._on_the_way.add(task)
                task.add_done_callback(self._on_the_way.discard)
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await hints.get()
            while not hints.empty():
                hints.get_nowait()

    async def _delivered(self, item: OutboxItem) -> None:
        try:
            if await self._deliver(item):
                self._services.live.hint(OUTBOX)
        except Exception:  # noqa: BLE001  it stays due
            _log.exception("outbox_failed", item=item.id)

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
        places = max(0, _AT_ONCE - len(self._on_the_way))
        async with self._services.db.read() as session:
            return list((await session.execute(due.order_by(OutboxItem.next_attempt_at).limit(places))).scalars())

    async def _claimed(self, item_id: str) -> Message | None:
        """The message, ours to deliver; nothing when another process is at it or has done it."""
        async with self._services.db.write() as session:
            item = await session.get(OutboxItem, item_id, with_for_update=True)
            now = self._services.clock()
            if item is None or item.status != "pending" or item.next_attempt_at > now:
                return None
            # Without the fault of the try before: a press on "try again" leaves alone what is on its way.
            item.next_attempt_at, item.error = now + _CLAIM, None
            return await session.get_one(Message, item.message_id)

    async def _deliver(self, item: OutboxItem) -> bool:
        """Whether it is out of the way of the next one."""
        message = await self._claimed(item.id)
        if message is None:
            return False
        try:
            await self._channel(item.channel).deliver(item.conversation_id, public(message))
        except NeighbourError as error:
            return await self._failed(item, error)
        except Exception as error:  # noqa: BLE001  one channel's fault must not stop the others
            _log.exception("delivery_broke", item=item.id, channel=item.channel)
            return await self._failed(item, NeighbourError("internal", type(error).__name__))
        await self._settle(item.id, "delivered", None)
        return True

    def _channel(self, name: str) -> Channel:
        if name not in self._services.channels:
            raise NeighbourError("unknown_channel", name, permanent=True)
        return self._services.channels[name]

    async def _settle(self, item_id: str, status: str, cause: str | None) -> None:
        async with self._services.db.write() as session:
            item = await session.get(OutboxItem, item_id)
            if item is None:
                return  # its person was erased meanwhile
            item.status, item.error = status, cause
        self._tell(item)

    def _tell(self, item: OutboxItem) -> None:
        """Whoever reads along sees what became of the message."""
        event = {"type": "delivery", "conversation_id": item.conversation_id, "delivery": delivery(item)}
        self._services.live.publish(DESK, event)

    async def _failed(self, item: OutboxItem, error: NeighbourError) -> bool:
        _log.warning("delivery_failed", item=item.id, channel=item.channel, cause=error.code, permanent=error.permanent)
        if error.permanent:
            await self._settle(item.id, "failed", error.code)
            with suppress(Refusal):
                await self._tell_the_desk(item, error)
            return True
        async with self._services.db.write() as session:
            row = await session.get(OutboxItem, item.id)
            if row is None:
                return False
            row.attempts += 1
            asked = min(error.retry_after or 0.0, _LONGEST_ASKED)
            wait = asked or min(_LONGEST_BACK_OFF, 2.0 ** min(row.attempts, 10))
            row.next_attempt_at = self._services.clock() + timedelta(seconds=wait)
            row.error = error.code
        self._tell(row)
        return False

    async def _tell_the_desk(self, item: OutboxItem, error: NeighbourError) -> None:
        """A message that will never arrive is said plainly, where the advisor reads; one cause once in a row."""
        services = self._services
        locale = services.service.brand.languages[0]
        channel = known(locale, f"channel_{item.channel}") or item.channel
        text = known(locale, f"note_undelivered_{error.code}")
        text = text or say(locale, "note_undelivered", channel=channel, cause=error.code)
        async with services.db.write() as session:
            conversation = await lock_conversation(session, item.conversation_id)
            if await _told_already(session, conversation.id, error.code):
                return
            data = {_CAUSE: error.code}
            note = Draft("system", text, "notice", internal=True, told_rasa=True, data=data)
            message = await append(session, services.channels, conversation, note, services.clock())
        notify.told(services, conversation, [message])


async def _told_already(session: AsyncSession, conversation_id: str, cause: str) -> bool:
    """Whether the same was said since the customer's last message."""
    query = select(Message.author, Message.data).where(Message.conversation_id == conversation_id)
    query = query.where((Message.author == "customer") | Message.internal)
    for author, data in (await session.execute(query.order_by(Message.seq.desc()).limit(50))).all():
        if author == "customer" or data.get(_CAUSE) == cause:
            return author != "customer"
    return False
