"""The way in for channels: what somebody wrote goes to their conversation, which begins if there is none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from zlib import crc32

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import notify
from bot.channels.protocol import Channel, Incoming, Json, Sender, Upload
from bot.conversations.files import checked_upload
from bot.conversations.messages import lock_conversation
from bot.conversations.opening import Opening, open_within
from bot.conversations.receive import receive
from bot.db.channels import ChannelThread
from bot.db.models import Conversation, File, Message
from bot.errors import NeighbourError, Refusal
from bot.identity.consents import shown
from bot.identity.deciding import change
from bot.identity.deep_links import redeem
from bot.services import Services
from bot.texts import LOCALES, say
from bot.web.rate_limit import RateLimit

# Silent for longer, an account begins a new conversation; the one before stays as it is, to be read by who serves them.
_UNDER_WAY = timedelta(days=1)
_LONGEST_ACCOUNT = 200
# Apart from every other work that is done by one process at a time.
_ACCOUNTS = 1 << 40


@dataclass(frozen=True)
class Received:
    """What became of a message: ``is_new`` is false when it had come before."""

    conversation: Conversation
    message: Message
    is_new: bool


class Door:
    """One channel's way in. ``services`` is all that bot has, for what is beyond this: handoffs, ratings, erasing."""

    def __init__(self, services: Services, channel: Channel, limits: RateLimit, wake: Callable[[str], None]) -> None:
        self.services = services
        self._channel = channel
        self._limits = limits
        # ``wake(conversation_id)``: there is a turn to carry out that did not come by ``receive``.
        self.wake = wake

    async def receive(self, sender: Sender, incoming: Incoming) -> Received:
        """Stores the message and has it answered; the reply comes by ``deliver``.

        The same ``client_message_id`` again does nothing twice. Raises ``Refusal`` for what a customer can't send;
        ``sentence`` says it in their language. To be called one by one for an account, or the order is lost.
        """
        await self._check_rate(sender, file=incoming.upload is not None)
        known = await self._came_before(sender, incoming.client_message_id)
        if known is not None:
            # Who died after storing it may have left its turn behind.
            self.wake(known.conversation.id)
            return known
        conversation = await self.conversation(sender)
        message, is_new = await receive(self.services, conversation.id, incoming)
        if is_new:
            notify.told(self.services, conversation, [message])
        self.wake(conversation.id)
        return Received(conversation, message, is_new)

    async def conversation(self, sender: Sender) -> Conversation:
        """The one under way with this account, begun if there is none, with where to write back brought up to date."""
        async with self.services.db.write() as session:
            thread = await self._under_way(session, sender.account)
            if thread is None:
                thread = await self._begin(session, sender)
            elif sender.address and sender.address != thread.address:
                thread.address = sender.address
            return await session.get_one(Conversation, thread.conversation_id)

    async def upload(self, name: str, content: bytes) -> Upload:
        """A file for ``Incoming``, by what it really is. Raises ``Refusal`` for one too large or of another kind."""
        limit = self.services.settings.max_file_bytes
        if len(content) > limit:
            raise Refusal("file_too_large", 413, limit=max(1, limit // (1024 * 1024)))
        return await checked_upload(name, content)

    async def consents(self, sender: Sender, wanted: Mapping[str, bool] | None = None) -> list[Json]:
        """What the person agrees to, as ``GET …/consents`` shows it; ``wanted``: changes, by purpose."""
        conversation = await self.conversation(sender)
        if wanted:
            return await change(self.services, conversation.id, wanted)
        async with self.services.db.read() as session:
            return await shown(session, conversation, self.services.service.brand.name)

    async def link(self, sender: Sender, token: str) -> bool:
        """Somebody came by a deep link (Telegram: ``/start <token>``): asks them whether their channels may be joined.

        The question, with its two buttons, is delivered like any message and answered like any choice. ``True``: it
        has been asked, or there is nothing to ask (the same link again, already joined). ``False``: the link is too
        old, used, or not one of ours; say ``link_too_old``. The token itself is never to be stored as a message.
        """
        await self._check_rate(sender)
        conversation = await self.conversation(sender)
        async with self.services.db.write() as session:
            locked = await lock_conversation(session, conversation.id)
            said = await redeem(self.services, session, locked, token)
        if said:
            notify.told(self.services, locked, said)
        return said is not None

    async def thread(self, conversation_id: str) -> ChannelThread:
        """With which ``account`` a conversation is held and its ``address``. Raises ``NeighbourError``, permanent."""
        async with self.services.db.read() as session:
            thread = await session.get(ChannelThread, conversation_id)
        if thread is None:
            raise NeighbourError("no_address", conversation_id, permanent=True)
        return thread

    async def file(self, conversation_id: str, url: str) -> Upload:
        """The file behind ``message["file"]["url"]``. Raises ``NeighbourError``, permanent, when it is gone."""
        async with self.services.db.read() as session:
            query = select(File.name, File.media_type, File.content)
            query = query.where(File.conversation_id == conversation_id, File.id == url.rpartition("/")[2])
            found = (await session.execute(query)).one_or_none()
        if found is None:
            raise NeighbourError("no_file", conversation_id, permanent=True)
        return Upload(found.name, found.media_type, found.content)

    def sentence(self, refusal: Refusal, sender: Sender) -> str:
        """What the person is told of a refusal."""
        return say(self.locale(sender), f"error_{refusal.code}", **refusal.values)

    def locale(self, sender: Sender) -> str:
        """The language to begin in."""
        code = (sender.locale or "")[:2].lower()
        return code if code in LOCALES else self.services.service.brand.languages[0]

    async def _check_rate(self, sender: Sender, *, file: bool = False) -> None:
        if not sender.account or len(sender.account) > _LONGEST_ACCOUNT or "\x00" in sender.account:
            raise Refusal("bad_request", 422)
        settings, who = self.services.settings, f"{self._channel.name}|{sender.account}"
        await self._limits.check("at-once", who, settings.messages_in_ten_seconds, window=10)
        await self._limits.check("message", who, settings.messages_per_minute)
        if file:
            await self._limits.check("file", who, settings.files_per_minute)

    async def _came_before(self, sender: Sender, key: str) -> Received | None:
        """A message may be sent again when its conversation is not the one under way any more."""
        query = (
            select(Message, Conversation)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .join(ChannelThread, ChannelThread.conversation_id == Message.conversation_id)
            .where(self._is_with(sender.account), Message.client_message_id == key)
            .limit(1)
        )
        async with self.services.db.read() as session:
            found = (await session.execute(query)).one_or_none()
        return Received(found[1], found[0], is_new=False) if found is not None else None

    async def _under_way(self, session: AsyncSession, account: str) -> ChannelThread | None:
        """Held until the transaction ends: two messages at once must not begin two conversations."""
        await self.services.db.one_at_a_time(session, _ACCOUNTS + crc32(f"{self._channel.name}|{account}".encode()))
        recent = Conversation.updated_at >= self.services.clock() - _UNDER_WAY
        query = (
            select(ChannelThread)
            .join(Conversation, Conversation.id == ChannelThread.conversation_id)
            .where(self._is_with(account), (Conversation.owner != "bot") | recent)
            .order_by((Conversation.owner != "bot").desc(), Conversation.updated_at.desc())
            .limit(1)
        )
        return (await session.execute(query)).scalar_one_or_none()

    async def _begin(self, session: AsyncSession, sender: Sender) -> ChannelThread:
        seen = select(ChannelThread.conversation_id).where(self._is_with(sender.account)).limit(1)
        greets = self._channel.greets and (await session.execute(seen)).first() is None
        opening = Opening(self._channel.name, self.locale(sender), account=sender.account, greets=greets)
        now = self.services.clock()
        conversation, _ = await open_within(self.services, session, opening)
        thread = ChannelThread(
            conversation_id=conversation.id,
            channel=self._channel.name,
            account=sender.account,
            address=sender.address,
            created_at=now,
        )
        session.add(thread)
        await session.flush()
        return thread

    def _is_with(self, account: str) -> ColumnElement[bool]:
        return (ChannelThread.channel == self._channel.name) & (ChannelThread.account == account)


@asynccontextmanager
async def open_doors(services: Services, limits: RateLimit, wake: Callable[[str], None]) -> AsyncIterator[None]:
    """Every channel is alive while the block lasts, each behind a door of its own."""
    async with AsyncExitStack() as stack:
        for channel in services.channels.values():
            await stack.enter_async_context(channel.running(Door(services, channel, limits, wake)))
        yield
