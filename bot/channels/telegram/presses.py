"""What happens when a button is pressed. A press may come twice: it counts once, and its buttons are settled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import structlog
import telegram
from sqlalchemy import select
from telegram import InlineKeyboardButton

from bot import notify
from bot.channels.door import Door
from bot.channels.protocol import Incoming
from bot.channels.telegram.api import Api
from bot.channels.telegram.chats import Person, choose_language, locale_of, tell
from bot.channels.telegram.commands import LANGUAGE_NAMES
from bot.channels.telegram.forgetting import forget
from bot.channels.telegram.rendering import CHOICE, DONE, FORGET, HELPFUL, LANGUAGE, RATING, settled, title_of
from bot.conversations.feedback import give_feedback, give_rating
from bot.db.channels import ChannelThread
from bot.db.models import Message
from bot.errors import NeighbourError, Refusal
from bot.live import DESK
from bot.texts import LOCALES, say

_log = structlog.get_logger()
Rows = Sequence[Sequence[InlineKeyboardButton]]
# In the background: a change of buttons that Telegram does not take now must not hold up what the person writes.
Aside = Callable[[Callable[[], Awaitable[None]]], None]


class Presses:
    """Presses of one process. ``aside`` runs what may be tried again without holding up the chat."""

    def __init__(self, door: Door, api: Api, aside: Aside) -> None:
        self._door = door
        self._services = door.services
        self._api = api
        self._aside = aside

    async def pressed(self, person: Person, query: telegram.CallbackQuery) -> None:
        """Carries out what the button says, then leaves only what was chosen. Raises ``Refusal`` for a rate limit."""
        data, shown = query.data or DONE, query.message
        markup = shown.reply_markup if isinstance(shown, telegram.Message) else None
        rows: Rows = markup.inline_keyboard if markup is not None else ()
        try:
            said, label = await self._carry_out(person, data, rows)
        except Refusal as refusal:
            if refusal.status == 429:
                raise
            said, label = self._door.sentence(refusal, person.sender), None
        self._aside(lambda: self._answered(person, query.id, said))
        if label is not None and shown is not None and rows:
            after = settled(rows, data, f"✓ {label}")
            self._aside(lambda: self._settled(person, shown.message_id, after))
        elif said is not None and shown is not None:
            self._aside(lambda: self._settled(person, shown.message_id, None))

    async def _carry_out(self, person: Person, data: str, rows: Rows) -> tuple[str | None, str | None]:
        """What is said above the chat for a moment, and what the settled button says."""
        kind, _, rest = data.partition(":")
        if kind == CHOICE:
            await self._door.receive(person.sender, Incoming(f"{CHOICE}:{rest}", choice=rest))
            return None, title_of(rows, data)
        if kind == HELPFUL:
            return None, await self._helpful(person, *rest.partition(":")[::2])
        if kind == RATING:
            return None, await self._rated(person, *rest.partition(":")[::2])
        if kind == LANGUAGE and rest in LOCALES:
            return None, await self._language(person, rest)
        if kind == FORGET:
            return None, await self._forget(person, rest, title_of(rows, data))
        return None, None

    async def _theirs(self, person: Person, message_id: str) -> Message:
        """The message beneath which they pressed. Raises ``Refusal`` unless it was said to them, here."""
        query = (
            select(Message)
            .join(ChannelThread, ChannelThread.conversation_id == Message.conversation_id)
            .where(Message.id == message_id, ChannelThread.account == person.sender.account)
            .where(ChannelThread.channel == "telegram")
        )
        async with self._services.db.read() as session:
            message = (await session.execute(query)).scalar_one_or_none()
        if message is None:
            raise Refusal("unknown_choice", 422)
        return message

    async def _helpful(self, person: Person, message_id: str, answer: str) -> str:
        message, helpful = await self._theirs(person, message_id), answer == "1"
        services = self._services
        conversation, said = await give_feedback(services, message.conversation_id, message.id, helpful, None)
        notify.judged(services, conversation, message.id, helpful)
        if said is not None:
            notify.told(services, conversation, [said])
            self._door.wake(conversation.id)
        return say(conversation.locale, "telegram_thanks" if helpful else "telegram_noted")

    async def _rated(self, person: Person, message_id: str, score: str) -> str:
        message = await self._theirs(person, message_id)
        if not message.data.get("rating_requested") or score not in ("1", "2", "3", "4", "5"):
            raise Refusal("unknown_choice", 422)
        await give_rating(self._services, message.conversation_id, int(score), None)
        return "⭐" * int(score)

    async def _language(self, person: Person, locale: str) -> str:
        conversation = await self._door.conversation(person.sender)
        await choose_language(self._services, person.chat_id, conversation.id, locale)
        await tell(self._services, conversation.id, say(locale, "telegram_language_set"), person.key("language"))
        return LANGUAGE_NAMES[locale]

    async def _forget(self, person: Person, answer: str, title: str) -> str:
        if answer == "yes":
            await forget(self._services, self._api, person)
            self._services.live.publish(DESK, {"type": "handoffs"})
            return title
        conversation = await self._door.conversation(person.sender)
        locale = await locale_of(self._services, conversation)
        await tell(self._services, conversation.id, say(locale, "telegram_forget_kept"), person.key("kept"))
        return title

    async def _answered(self, person: Person, query_id: str, said: str | None) -> None:
        """Ends the little clock on the button; too late is too late."""
        try:
            await self._api.ask(
                person.chat_id, lambda bot: bot.answer_callback_query(query_id, text=said, show_alert=said is not None)
            )
        except NeighbourError as error:
            _log.info("telegram_press_not_answered", cause=error.code)

    async def _settled(self, person: Person, message_id: int, markup: telegram.InlineKeyboardMarkup | None) -> None:
        await self._api.edit(
            person.chat_id,
            lambda bot: bot.edit_message_reply_markup(person.chat_id, message_id, reply_markup=markup),
        )
